"""What is shown when a page cannot be made."""

import pytest
import redis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from people.access import public


def gone(request: HttpRequest) -> HttpResponse:
    raise OperationalError("the connection is lost")


def forgetful(request: HttpRequest) -> HttpResponse:
    raise redis.ConnectionError("nobody there")


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


why = "the test of what happens when it fails"
urlpatterns = [
    path("gone/", public(why=why)(gone)),
    path("forgetful/", public(why=why)(forgetful)),
    path("broken/", public(why=why)(broken)),
]
handler500 = "cohortsite.views.went_wrong"


@pytest.fixture
def browser_without_database(settings) -> Client:
    """No `db` fixture: a page that asked the database would fail the test."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("address", ["/gone/", "/forgetful/"])
def test_when_the_ground_is_gone_what_was_typed_can_be_sent_again(
    browser_without_database, address
):
    response = browser_without_database.post(
        f"{address}?step=2", {"text": "a long <thought>", "day": ["1", "2"]}
    )

    page = response.content.decode()
    assert response.status_code == 503
    assert f'action="{address}?step=2"' in page
    assert '<input type="hidden" name="text" value="a long &lt;thought&gt;">' in page
    assert page.count('name="day"') == 2
    assert page.count("csrfmiddlewaretoken") == 1


def test_a_file_has_to_be_chosen_again_and_the_page_says_so(browser_without_database):
    response = browser_without_database.post(
        "/gone/", {"text": "see", "file": SimpleUploadedFile("plan.pdf", b"plan")}
    )

    assert "choose plan.pdf again" in response.content.decode()


def test_over_htmx_the_page_stays_and_gets_a_note(browser_without_database):
    response = browser_without_database.post(
        "/gone/", {"text": "a thought"}, headers={"HX-Request": "true"}
    )

    page = response.content.decode()
    assert response.status_code == 503
    assert page.startswith('<p class="note warn" role="alert">')
    assert "a thought" not in page


def test_a_page_that_was_only_read_offers_another_try(browser_without_database):
    response = browser_without_database.get("/gone/?page=3")

    assert '<a class="btn" href="/gone/?page=3">' in response.content.decode()


def test_a_mistake_of_ours_is_not_blamed_on_the_ground(browser_without_database):
    response = browser_without_database.post("/broken/", {"text": "a thought"})

    assert response.status_code == 500
    assert "our mistake" in response.content.decode()
