"""The mails of an embedded run, for whoever sits at that machine."""

import pytest
from django.core import mail

HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}


@pytest.fixture
def box(settings, tmp_path, db):
    settings.EMBEDDED = True
    settings.EMAIL_BACKEND = "cohortsite.embedded.mail.Letterbox"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return settings


def write(subject="Knock", body="See http://127.0.0.1:8000/x/ now <b>", to="a@b.org"):
    mail.send_mail(subject, body, None, [to])


def test_the_newest_mail_stands_on_top(client, box):
    write("First")
    write("Second")

    page = client.get("/mailbox/", **HERE)

    assert [letter.subject for letter in page.context["letters"]] == ["Second", "First"]


def test_a_mail_opens_with_links_that_can_be_followed(client, box):
    write()
    listed = client.get("/mailbox/", **HERE).context["letters"]

    text = client.get(f"/mailbox/{listed[0].name}/", **HERE).content.decode()

    assert 'href="http://127.0.0.1:8000/x/"' in text
    assert "&lt;b&gt;" in text


def test_an_empty_mailbox_says_what_fills_it(client, box):
    assert "Ask for a sign-in code" in client.get("/mailbox/", **HERE).content.decode()


@pytest.mark.parametrize(
    ("embedded", "seen"),
    [
        (False, HERE),
        (True, {**HERE, "REMOTE_ADDR": "192.0.2.7"}),
        (True, {**HERE, "HTTP_HOST": "cohorts.example.org"}),
        (True, {**HERE, "HTTP_X_FORWARDED_FOR": "192.0.2.7"}),
    ],
)
def test_nobody_else_finds_it(client, box, embedded, seen):
    write()
    name = client.get("/mailbox/", **HERE).context["letters"][0].name
    box.EMBEDDED = embedded
    box.ALLOWED_HOSTS = ["*"]

    statuses = [
        client.get(path, **seen).status_code
        for path in ("/mailbox/", f"/mailbox/{name}/")
    ]

    assert statuses == [404, 404]


@pytest.mark.parametrize("name", ["..", "%2e%2e%2fsettings", "x", "-", "a" * 300])
def test_no_other_file_is_shown(client, box, name):
    assert client.get(f"/mailbox/{name}/", **HERE).status_code == 404
