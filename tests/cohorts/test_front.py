"""Who may be tried out on the sign-in page."""

from cohorts.models import Program
from cohorts.sections import demo_people
from people.models import User


def test_the_people_of_the_demo_while_it_stands(db):
    program = Program.objects.create(slug="d", name="Demo", is_demo=True)
    for kind in ("member", "funder"):
        User.objects.create_user(f"{kind}@demo.example")

    during = [person.email for person in demo_people()]
    program.delete()

    assert during == ["member@demo.example", "funder@demo.example"]
    assert demo_people() == []


def test_nobody_where_a_real_program_has_such_an_address(db):
    Program.objects.create(slug="r", name="Real")
    User.objects.create_user("member@demo.example")

    assert demo_people() == []
