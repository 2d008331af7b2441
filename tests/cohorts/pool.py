"""People who were offered a seat, for the tests of composing."""

from datetime import timedelta

from django.utils import timezone

from cohorts.models import Application, Intake, Trait, TraitAnswer

EVENINGS = "".join(
    "0" * 32 + "3" * 8 + "0" * 8 for _day in range(7)
)  # 16:00 to 20:00, every day


def intake_of(program, **fields):
    values = {
        "slug": "spring",
        "name": "Spring",
        "about": "A circle.",
        "seats": 12,
        "cohorts_wanted": 2,
        "size_min": 2,
        "size_max": 5,
        "timezone": "Africa/Nairobi",
    }
    intake = Intake.objects.create(program=program, **{**values, **fields})
    Trait.objects.create(
        intake=intake,
        key="language",
        label="Language",
        options=["Arabic", "English"],
        protected=True,
    )
    Trait.objects.create(
        intake=intake, key="role", label="Role", options=["lead", "front line"]
    )
    return intake


def offered(intake, name, *, alone_is_fine=False, said=None, **fields):
    """One person with a seat offered to them."""
    values = {
        "code": f"{name[:6].upper()}",
        "email": f"{name.lower()}@example.org",
        "called": name,
        "timezone": "Africa/Nairobi",
        "availability": EVENINGS,
        "outcome": Application.Outcome.OFFERED,
        "released_at": timezone.now() - timedelta(days=1),
    }
    application = Application.objects.create(
        program=intake.program, intake=intake, **{**values, **fields}
    )
    for key, value in (said or {}).items():
        TraitAnswer.objects.create(
            program=intake.program,
            application=application,
            trait=intake.traits.get(key=key),
            value=value,
            alone_is_fine=alone_is_fine,
        )
    return application


def six(intake):
    """Two who speak Arabic, four who speak English; three lead, three do not."""
    people = [
        ("Huda", "Arabic", "lead"),
        ("Farah", "Arabic", "front line"),
        ("Amina", "English", "front line"),
        ("Grace", "English", "lead"),
        ("Marek", "English", "front line"),
        ("Petra", "English", "lead"),
    ]
    return {
        name: offered(intake, name, said={"language": language, "role": role})
        for name, language, role in people
    }
