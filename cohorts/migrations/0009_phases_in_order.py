from django.db import migrations

# The same rule as `cohorts.calls.faults`, for whatever writes past the form: each
# phase begins no earlier than the one it follows, and nobody decides while people
# may still apply. Asked at the end of a transaction, for dates are put in place of
# one another.
MAKE = """
CREATE FUNCTION cohorts_phases_in_order() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  IF EXISTS (
    SELECT 1
      FROM cohorts_intakephase AS earlier
      JOIN cohorts_intakephase AS later USING (intake_id)
     WHERE earlier.intake_id = NEW.intake_id
       AND array_position(ARRAY['apply', 'review', 'decide', 'confirm'],
                          earlier.kind::text)
         < array_position(ARRAY['apply', 'review', 'decide', 'confirm'],
                          later.kind::text)
       AND (later.opens_at < earlier.opens_at
            OR (earlier.kind = 'apply' AND later.kind IN ('decide', 'confirm')
                AND later.opens_at < earlier.closes_at))
  ) THEN
    RAISE EXCEPTION 'the phases of a call overlap wrongly'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intake_phases_in_order',
            TABLE = 'cohorts_intakephase';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER intake_phases_in_order
  AFTER INSERT OR UPDATE ON cohorts_intakephase
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION cohorts_phases_in_order();
"""
DROP = """
DROP TRIGGER intake_phases_in_order ON cohorts_intakephase;
DROP FUNCTION cohorts_phases_in_order();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0008_answers_by_voice_or_file"),
    ]

    operations = [migrations.RunSQL(MAKE, DROP)]
