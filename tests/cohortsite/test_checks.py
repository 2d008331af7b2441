import pytest

from cohortsite.checks import ready_for_production


@pytest.fixture
def in_production(settings):
    settings.EMBEDDED = False
    settings.SECRET_KEY = "known to nobody"
    settings.FIELD_KEYS = ["nor is this one"]
    settings.DATABASE_URL = "postgres://web:secret@db/cohortsite"
    settings.HTTPS = True
    return settings


def found() -> list[str | None]:
    return [message.id for message in ready_for_production(None)]


def test_a_real_server_passes(in_production):
    assert found() == []


def test_the_embedded_platform_does_not(in_production):
    in_production.EMBEDDED = True

    assert found() == ["cohortsite.E001"]


def test_nor_does_a_key_that_everybody_can_read(in_production):
    in_production.SECRET_KEY = in_production.EMBEDDED_SECRET_KEY

    assert found() == ["cohortsite.E002"]


def test_nor_do_words_at_rest_without_a_key_of_their_own(in_production):
    in_production.FIELD_KEYS = [in_production.SECRET_KEY]

    assert found() == ["cohortsite.E005"]


@pytest.mark.parametrize("user", ["postgres", "owner", ""])
def test_nor_does_a_login_that_may_do_more_than_a_page_needs(in_production, user):
    in_production.DATABASE_URL = f"postgres://{user}@db/cohortsite"

    assert found() == ["cohortsite.E003"]


def test_a_login_that_puts_on_a_role_is_as_good(in_production):
    in_production.DATABASE_URL = "postgres://ada@db/house?options=-c%20role%3Dweb"

    assert found() == []


def test_nor_do_cookies_in_the_open(in_production):
    in_production.HTTPS = False

    assert found() == ["cohortsite.E004"]
