"""What was published of a draw stays as it is; only its random value comes, once.

Deleting stays possible, for it happens only when a whole call goes.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION cohorts_draws_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(NEW) - 'value' - 'drawn_at') <> (to_jsonb(OLD) - 'value' - 'drawn_at')
     OR OLD.value <> ''
  THEN
    RAISE EXCEPTION 'a published draw is never changed'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER draws_stay BEFORE UPDATE ON cohorts_drawrecord
  FOR EACH ROW EXECUTE FUNCTION cohorts_draws_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0010_selection")]

    operations = [
        migrations.RunSQL(
            REFUSE,
            "DROP TRIGGER draws_stay ON cohorts_drawrecord;"
            "DROP FUNCTION cohorts_draws_stay();",
        )
    ]
