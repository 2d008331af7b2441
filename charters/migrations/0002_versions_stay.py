"""What the circle agreed on, and what it was asked about, is never edited.

Deleting stays possible, for it happens only when a whole cohort goes.
"""

from django.db import migrations

TABLES = ("charters_charterversion", "charters_clause", "charters_wording")

REFUSE = """
CREATE FUNCTION charters_never_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is never edited: add a new version', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("charters", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION charters_never_edited()"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER never_edited BEFORE UPDATE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION charters_never_edited()",
                f"DROP TRIGGER never_edited ON {table}",
            )
            for table in TABLES
        ),
    ]
