"""Rows by the thousand are the same rows."""

import pytest
from django.db import IntegrityError, transaction

from people.models import User, pour


def test_what_is_poured_reads_back_as_it_was(db):
    ada = User(
        email="ada@example.org",
        called="Ada\t\\N\n“x”",
        languages=["sw", "a,b", ""],
        timezone="Africa/Nairobi",
        day_off=None,
    )

    pour([ada])

    again = User.objects.get()
    fields = [field.attname for field in User._meta.concrete_fields]
    assert [getattr(again, name) for name in fields] == [
        getattr(ada, name) for name in fields
    ]
    ada.called = "Ada"
    ada.save()
    assert User.objects.get().called == "Ada"


def test_when_one_is_refused_none_is_written(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        pour([User(email="ada@example.org"), User(email="ADA@example.org")])

    assert not User.objects.exists()


def test_nothing_is_poured_without_a_word(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        pour([])
