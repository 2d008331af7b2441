"""Who is in the demo: those one can sign in as, and everybody they work with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from charters import care
from cohorts import founding
from cohorts.models import Appointment
from cohortsite.demo.world import HOME, World
from people import availability
from people.models import User
from people.wall_time import zone_of

NAME = "Riverbend Commons"
DOMAIN = "demo.example"

# The half-hours of the week, in UTC, at which each circle meets: the demo's people
# sorted themselves by what they can make. (Monday is 0.)
THURSDAY_13 = 3 * availability.A_DAY + 26
TUESDAY_14 = 1 * availability.A_DAY + 28


@dataclass(frozen=True, kw_only=True)
class Person:
    """A line of the cast; `key` is the first name in small letters."""

    key: str
    called: str
    full_name: str
    zone: str
    pronouns: str = ""
    language: str = ""  # of the pages; nothing: as the browser says
    languages: tuple[str, ...] = ("en",)
    meets: int | None = None
    sign_in: str = ""  # else the key

    @property
    def email(self) -> str:
        return f"{self.sign_in or self.key}@{DOMAIN}"


# Those who run the program, and those who hold its circles.
RUN_IT = (
    Person(
        key="thandi",
        called="Thandi",
        full_name="Thandi Mokoena",
        zone="Africa/Johannesburg",
        pronouns="she, her",
        languages=("en", "zu", "st"),
        sign_in="lead",
    ),
    Person(
        key="mercy",
        called="Mercy",
        full_name="Mercy Wanjala",
        zone=HOME,
        pronouns="she, yeye",
        languages=("sw", "en"),
    ),
    Person(
        key="leila",
        called="Leila",
        full_name="Leila Haddad",
        zone="Africa/Tunis",
        pronouns="she, هي",
        languages=("ar", "fr", "en"),
        meets=THURSDAY_13,
        sign_in="facilitator",
    ),
    Person(
        key="elif",
        called="Elif",
        full_name="Elif Demir",
        zone="Europe/Istanbul",
        pronouns="she, her",
        languages=("tr", "en"),
        meets=TUESDAY_14,
    ),
    Person(
        key="tomas",
        called="Tomás",
        full_name="Tomás Herrera",
        zone="America/Mexico_City",
        pronouns="he, él",
        languages=("es", "en"),
        sign_in="reviewer",
    ),
    Person(
        key="noor",
        called="Noor",
        full_name="Noor Aziz",
        zone="Asia/Karachi",
        pronouns="they",
        languages=("ur", "en", "ar"),
    ),
    Person(
        key="achieng",
        called="Achieng",
        full_name="Achieng Ochola",
        zone=HOME,
        languages=("luo", "sw", "en"),
    ),
    Person(
        key="ruth",
        called="Ruth",
        full_name="Ruth Vasquez",
        zone="Europe/London",
        pronouns="she, her",
        languages=("en", "es"),
        sign_in="funder",
    ),
)

BAOBAB = (
    Person(
        key="amina",
        called="Amina",
        full_name="Amina Otieno",
        zone=HOME,
        pronouns="she; yeye is fine too",
        languages=("sw", "luo", "en"),
        meets=THURSDAY_13,
        sign_in="member",
    ),
    Person(
        key="rafael",
        called="Rafael",
        full_name="Rafael Quispe",
        zone="America/Lima",
        pronouns="he, él",
        language="es",
        languages=("es", "qu", "en"),
        meets=THURSDAY_13,
    ),
    Person(
        key="mariam",
        called="Mariam",
        full_name="Mariam Sow",
        zone="Africa/Dakar",
        pronouns="elle",
        language="fr",
        languages=("wo", "fr", "en"),
        meets=THURSDAY_13,
    ),
    Person(
        key="tenzin",
        called="Tenzin",
        full_name="Tenzin Dolma",
        zone="Asia/Kolkata",
        pronouns="she or they",
        languages=("bo", "hi", "en"),
        meets=THURSDAY_13,
    ),
    Person(
        key="joao",
        called="João",
        full_name="João Mendes",
        zone="America/Recife",
        pronouns="ele, he",
        language="pt-br",
        languages=("pt-br", "en"),
        meets=THURSDAY_13,
    ),
    Person(
        key="grace",
        called="Grace",
        full_name="Grace Akello",
        zone="Africa/Kampala",
        pronouns="she, her",
        languages=("ach", "en", "sw"),
        meets=THURSDAY_13,
    ),
    Person(
        key="sipho",
        called="Sipho",
        full_name="Sipho Dlamini",
        zone="Africa/Johannesburg",
        pronouns="he, him",
        languages=("zu", "en"),
        meets=THURSDAY_13,
    ),
    Person(
        key="linh",
        called="Linh",
        full_name="Linh Trần",
        zone="Asia/Ho_Chi_Minh",
        languages=("vi", "en", "fr"),
        meets=THURSDAY_13,
    ),
    Person(
        key="farah",
        called="Farah",
        full_name="Farah Yusuf",
        zone="Africa/Mogadishu",
        pronouns="هي",
        language="ar",
        languages=("so", "ar", "en"),
        meets=THURSDAY_13,
    ),
    Person(
        key="marek",
        called="Marek",
        full_name="Marek Nowak",
        zone="Europe/Warsaw",
        pronouns="he, him",
        languages=("pl", "en"),
        meets=THURSDAY_13,
    ),
    Person(
        key="nadia",
        called="Nadia",
        full_name="Nadia Karimi",
        zone="Asia/Amman",
        pronouns="elle, هي",
        language="ar",
        languages=("ar", "fr", "en"),
        meets=THURSDAY_13,
    ),
)

MANGROVE = (
    Person(
        key="carmen",
        called="Carmen",
        full_name="Carmen Ríos",
        zone="America/Santiago",
        pronouns="ella",
        language="es",
        languages=("es", "en"),
        meets=TUESDAY_14,
    ),
    Person(
        key="kwame",
        called="Kwame",
        full_name="Kwame Boateng",
        zone="Africa/Accra",
        pronouns="he, him",
        languages=("tw", "en"),
        meets=TUESDAY_14,
    ),
    Person(
        key="ines",
        called="Inés",
        full_name="Inés Paredes",
        zone="America/Mexico_City",
        pronouns="ella, she",
        language="es",
        languages=("es", "en"),
        meets=TUESDAY_14,
    ),
    Person(
        key="ousmane",
        called="Ousmane",
        full_name="Ousmane Diallo",
        zone="Africa/Dakar",
        pronouns="il",
        language="fr",
        languages=("ff", "fr", "en"),
        meets=TUESDAY_14,
    ),
    Person(
        key="yasmine",
        called="Yasmine",
        full_name="Yasmine Benali",
        zone="Africa/Algiers",
        pronouns="elle, هي",
        language="fr",
        languages=("ar", "fr", "en"),
        meets=TUESDAY_14,
    ),
    Person(
        key="daniel",
        called="Daniel",
        full_name="Daniel Tesfaye",
        zone="Africa/Addis_Ababa",
        languages=("am", "en"),
        meets=TUESDAY_14,
    ),
    Person(
        key="putri",
        called="Putri",
        full_name="Putri Lestari",
        zone="Asia/Makassar",
        pronouns="she, her",
        languages=("id", "en"),
        meets=TUESDAY_14,
    ),
    Person(
        key="rosa",
        called="Rosa",
        full_name="Rosa Cárdenas",
        zone="America/Bogota",
        pronouns="ella",
        language="es",
        languages=("es", "en"),
        meets=TUESDAY_14,
    ),
    Person(
        key="neema",
        called="Neema",
        full_name="Neema Mushi",
        zone="Africa/Dar_es_Salaam",
        pronouns="yeye",
        language="sw",
        languages=("sw", "en"),
        meets=TUESDAY_14,
    ),
    Person(
        key="samuel",
        called="Samuel",
        full_name="Samuel Joseph",
        zone="America/Port-au-Prince",
        pronouns="li, il",
        language="fr",
        languages=("ht", "fr", "en"),
        meets=TUESDAY_14,
    ),
    Person(
        key="ravi",
        called="Ravi",
        full_name="Ravi Shrestha",
        zone="Asia/Kathmandu",
        pronouns="he, him",
        languages=("ne", "en"),
        meets=TUESDAY_14,
    ),
)

ROLES = {
    "mercy": Appointment.Role.LEAD,
    "tomas": Appointment.Role.REVIEWER,
    "noor": Appointment.Role.REVIEWER,
    "achieng": Appointment.Role.THIRD_PARTY,
    "ruth": Appointment.Role.FUNDER,
}


def week(zone: str, meets: int, *, monday: date) -> str:
    """Some mornings if need be, some evenings, and the circle's own hours gladly."""
    comforts = {
        day * availability.A_DAY + half_hour: 1 if half_hour < 36 else 2
        for day in (0, 2, 4)
        for half_hour in (*range(20, 24), *range(36, 40))
    }
    offset = datetime.combine(monday, time(12), tzinfo=zone_of(zone)).utcoffset()
    first = meets + round((offset.total_seconds() if offset else 0) / 1800)
    # An hour more at both ends, for the weeks in which clocks change.
    for half_hour in range(first - 2, first + 6):
        comforts[half_hour % availability.HALF_HOURS] = 3
    return availability.write(comforts)


def arrive(world: World) -> None:
    """Everybody has an account, and the program stands with those who run it."""
    monday = availability.monday_of(world.today)
    for one in (*RUN_IT, *BAOBAB, *MANGROVE):
        world.people[one.key] = User.objects.create_user(
            one.email,
            called=one.called,
            full_name=one.full_name,
            pronouns=one.pronouns,
            language=one.language,
            languages=list(one.languages),
            timezone=one.zone,
            availability=""
            if one.meets is None
            else week(one.zone, one.meets, monday=monday),
            date_joined=world.at(-95),
        )
    thandi = world.people["thandi"]
    with world.on(-175) as then:
        world.program = founding.begin(
            name=NAME,
            by=thandi,
            purpose=(
                "Peers who repair how care, food, water and work are organised where "
                "they live. They bring one live project each, test it in small steps, "
                "and keep what they learn so that others can use it."
            ),
            languages=["en", "fr", "ar", "sw"],
            timezone=HOME,
            hours_per_month=5,
            contact_email=f"lead@{DOMAIN}",
            is_demo=True,
            now=then,
        )
        for key, role in ROLES.items():
            founding.give_task(
                world.people[key].email,
                program=world.program,
                role=role,
                by=thandi,
                now=then,
            )
        care.say_whom(
            world.program,
            by=thandi,
            name="Nuru listening line",
            reach="+254 20 555 0142\nlisten@nuru.example",
            hours="Every day, 8:00 to 20:00 in Nairobi",
            tongues="English, Kiswahili, Français, العربية",
            now=then,
        )
