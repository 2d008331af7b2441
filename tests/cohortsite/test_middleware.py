"""Broken text is answered at the door, wherever it hides."""

import json

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, re_path

from people.access import public


def echo(request: HttpRequest, rest: str = "") -> HttpResponse:
    return HttpResponse("let in")


open_to_all = public(why="the test of what comes in")(echo)
urlpatterns = [path("", open_to_all), re_path("(?s)^(?P<rest>.*)$", open_to_all)]


@pytest.fixture
def door(settings) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["cohortsite.middleware.CleanInputMiddleware"]
    return Client()


FORM = "application/x-www-form-urlencoded"
MUCH = b"a=" + b"b" * 6_000_000
BROKEN = {
    "NUL": b"a\0b",
    "half a sign": "a\ud83db".encode("utf-8", "surrogatepass"),
    "no UTF-8": b"a\xffb",
}
broken = pytest.mark.parametrize(
    "raw", [pytest.param(raw, id=name) for name, raw in BROKEN.items()]
)


def percent(raw: bytes) -> str:
    return "".join(f"%{byte:02X}" for byte in raw)


@broken
def test_in_the_path_and_in_the_question(door, raw):
    assert door.get(f"/{percent(raw)}/").status_code == 400
    assert door.get(f"/?q={percent(raw)}").status_code == 400


@pytest.mark.parametrize("where", ["name", "value"])
@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
def test_a_nul_in_a_form(door, where, encoding):
    name, value = ("a\0b", "x") if where == "name" else ("x", "a\0b")
    if encoding == "multipart":
        body = (
            f'--7\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            f"{value}\r\n--7--\r\n"
        )
        kind = "multipart/form-data; boundary=7"
    else:
        body, kind = f"{name}={value}", "application/x-www-form-urlencoded"

    response = door.post("/", body.encode(), content_type=kind)

    # A part whose very name is broken is not read at all.
    unread = (where, encoding) == ("name", "multipart") and response.status_code == 200
    assert unread or response.status_code == 400


@pytest.mark.parametrize(
    "said",
    [
        {"edge": "a\0b"},
        {"a\0b": "edge"},
        [["a", {"b": "\ud83d"}]],
        "\udc00",
    ],
)
def test_in_json_behind_an_escape(door, said):
    response = door.post("/", json.dumps(said), content_type="application/json")

    assert response.status_code == 400


@broken
def test_in_json_as_it_is(door, raw):
    response = door.post("/", b'"' + raw + b'"', content_type="application/json")

    assert response.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"edge": "a whole \N{ZEBRA FACE}"}),
        json.dumps({"edge": "C:\\u0000 is a name"}),
        '{"edge": "هدى"}',
        "no JSON at all",
    ],
)
def test_what_is_whole_comes_in(door, body):
    response = door.post("/", body.encode(), content_type="application/json")

    assert response.content == b"let in"


def test_a_tower_of_brackets_is_not_climbed(door):
    tower = "[" * 100_000 + "]" * 100_000

    response = door.post("/", tower, content_type="application/json")

    assert response.status_code == 400


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
        ("multipart/form-data", b"no boundary"),
    ],
    ids=["no UTF-8", "no boundary"],
)
def test_a_form_that_cannot_be_read_is_answered_here(kind, body):
    visitor = Client(raise_request_exception=False)
    visitor.get("/sign-in/")  # with a token, Django's own page reads the form again

    response = visitor.post("/sign-in/", body, content_type=kind)

    assert response.status_code == 400


def as_parts(name: bytes, each: bytes, times: int = 1) -> tuple[str, bytes]:
    part = b"--7\r\nContent-Disposition: form-data; name=%s\r\n\r\n%s\r\n"
    body = part % (name, each) * times + b"--7--\r\n"
    return "multipart/form-data; boundary=7", body


@pytest.mark.parametrize(
    ("kind", "body", "sentence"),
    [
        (
            FORM,
            MUCH,
            "The text of a form may be at most 5.0\xa0MB; this one is larger.",
        ),
        (
            *as_parts(b"a", MUCH),
            "The text of a form may be at most 5.0\xa0MB; this one is larger.",
        ),
        ("application/json", b'"' + MUCH + b'"', "may be at most 5.0\xa0MB"),
        (
            FORM,
            b"a=1&" * 5000,
            "A form may hold at most 4000 fields; this one holds more.",
        ),
        (
            *as_parts(b'a; filename="b"', b"c", 101),
            "At most 100 files can be sent at once; these are more.",
        ),
    ],
    ids=["text", "text in parts", "json", "fields", "files"],
)
def test_what_is_too_large_is_said_and_how_large_it_may_be(kind, body, sentence):
    visitor = Client(raise_request_exception=False)
    visitor.get("/sign-in/")  # with a token, Django's own page reads the form again

    response = visitor.post("/sign-in/", body, content_type=kind)

    page = response.content.decode()
    assert response.status_code == 413
    assert sentence in page
    assert "Go back" in page
    assert "signs we cannot store" not in page


def test_on_a_page_of_ours_what_was_typed_stays_and_a_note_joins_it(door):
    response = door.post("/", MUCH, content_type=FORM, headers={"HX-Request": "true"})

    assert response.status_code == 409  # which htmx shows
    assert response.headers["HX-Retarget"] == "#main"
    assert response.headers["HX-Reswap"] == "afterbegin"
    assert "What you wrote is still here" in response.content.decode()
    assert "<html" not in response.content.decode()


def test_a_form_that_saves_itself_says_so_beside_it(door):
    response = door.post("/", MUCH, content_type=FORM, headers={"X-Autosave": "1"})

    assert response.status_code == 413
    assert "may be at most" in response.json()["said"]


def test_it_is_said_in_the_language_of_the_browser(door):
    response = door.post(
        "/", MUCH, content_type=FORM, headers={"Accept-Language": "ar"}
    )

    assert '<html lang="ar" dir="rtl"' in response.content.decode()


def test_a_large_file_is_no_large_text(door):
    kind, body = as_parts(b'a; filename="b"', MUCH)

    assert door.post("/", body, content_type=kind).content == b"let in"


@pytest.mark.parametrize(("body", "status"), [(MUCH, 413), (b"a=%00", 400)])
def test_whoever_told_their_place_is_answered_the_same(body, status):
    """A cookie that every browser with a script brings along."""
    visitor = Client(raise_request_exception=False)
    visitor.cookies["zone"] = "Africa%2FNairobi"

    response = visitor.post("/sign-in/", body, content_type=FORM)

    assert response.status_code == status
