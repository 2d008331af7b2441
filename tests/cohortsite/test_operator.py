"""Who runs the house: named at a terminal, let in by a mailed code."""

import pytest
from django.core.management import CommandError, call_command

from people.models import User


def test_somebody_new_may_begin_a_program_and_has_no_password(client, db):
    call_command("operator", "Olga@House.example ", verbosity=0)

    olga = User.objects.get(email="olga@house.example")
    client.force_login(olga)
    assert not olga.has_usable_password()
    assert client.get("/f/programs/new/").status_code == 200


def test_somebody_known_keeps_who_they_are(birch):
    call_command("operator", "ADA@example.org", verbosity=0)

    ada = User.objects.get(email="ada@example.org")
    assert (ada.pk, ada.called, ada.is_superuser) == (birch.ada.person_id, "Ada", True)


def test_what_is_no_address_is_refused(db):
    with pytest.raises(CommandError):
        call_command("operator", "olga", verbosity=0)

    assert not User.objects.exists()
