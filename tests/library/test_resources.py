import re

import pytest

from library import curation
from library.markdown import render
from library.models import PublicCopy, Resource


def write(client, birch, **fields):
    return client.post(
        "/c/birch/library/new/",
        {
            "title": "The card",
            "kind": "playbook",
            "language": "en",
            "body": "# Steps\n\n- fold",
            "tags": "health, Paper First",
            **fields,
        },
    )


def test_a_playbook_is_written_by_form_and_shown_as_markdown(client, birch):
    client.force_login(birch.ada.person)

    page = client.get(write(client, birch)["Location"]).content.decode()

    assert "<h2>Steps</h2>" in page
    assert "paper first" in page


@pytest.mark.parametrize(
    ("text", "outline"),
    [
        ("# One", ["h2"]),
        ("## One\n## Two", ["h2", "h2"]),
        ("### One\n# Two\n#### Three\n# Four", ["h2", "h2", "h3", "h2"]),
        (
            "# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6",
            ["h2", "h3", "h4", "h5", "h6", "h6"],
        ),
    ],
)
def test_headings_follow_the_page_s_own_without_a_hole(text, outline):
    assert re.findall(r"<(h\d)>", render(text)) == outline


def test_a_form_with_a_fault_keeps_what_was_typed(client, birch):
    client.force_login(birch.ada.person)

    answer = write(client, birch, title="", body="A long text")

    assert answer.status_code == 422
    assert "A long text" in answer.content.decode()
    assert not Resource.objects.unsealed("whoever wrote one").exists()


def test_the_preview_shows_the_text_and_saves_nothing(client, birch):
    client.force_login(birch.ada.person)

    answer = write(client, birch, preview="1")

    assert "<h3>Steps</h3>" in answer.content.decode()
    assert not Resource.objects.unsealed("whoever wrote one").exists()


def test_an_edit_on_a_stale_page_shows_both_texts(client, birch):
    card = curation.keep(by=birch.ada, title="The card", body="One")
    curation.revise(card, by=birch.sol.person, tags=(), body="Sol's words")
    client.force_login(birch.ada.person)

    answer = client.post(
        f"/c/birch/library/{card.pk}/edit/",
        {
            "title": "The card",
            "kind": "insight",
            "language": "en",
            "body": "Ada's words",
            "edition": "1",
        },
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Sol&#x27;s words" in page
    assert "Ada&#x27;s words" in page


def test_a_member_may_not_change_what_another_wrote(client, birch):
    card = curation.keep(by=birch.ada, title="The card")
    client.force_login(birch.ben.person)

    answer = client.post(
        f"/c/birch/library/{card.pk}/edit/",
        {"title": "Mine", "kind": "insight", "language": "en", "edition": "1"},
    )

    card.refresh_from_db()
    assert answer.status_code == 409
    assert card.title == "The card"


def test_publishing_asks_for_the_consent_of_those_named(client, birch):
    card = curation.keep(by=birch.ada, title="The card")
    client.force_login(birch.ada.person)
    form = {"audience": "public", "attribution": "Ada, Birch"}

    refused = client.post(f"/c/birch/library/{card.pk}/publish/", form)
    client.post(f"/c/birch/library/{card.pk}/publish/", {**form, "consent": "on"})

    assert refused.status_code == 422
    assert [c.attribution for c in PublicCopy.objects.all()] == ["Ada, Birch"]


def test_a_public_page_is_read_without_signing_in(client, birch):
    card = curation.keep(by=birch.ada, title="The card", body="Fold it")
    copy = curation.publish(
        card, audience="public", by=birch.ada.person, attribution="Ada"
    )

    assert "Fold it" in client.get(f"/commons/{copy.slug}/").content.decode()
    curation.withdraw(card, audience="public", by=birch.ada.person)
    assert client.get(f"/commons/{copy.slug}/").status_code == 404


def test_markdown_brings_no_script_no_html_and_no_picture():
    html = render(
        "<script>alert(1)</script> ![x](https://a.example/p.png) "
        "[a](javascript:alert(1)) [b](https://b.example) <b onclick=x>c</b>"
    )

    assert "<script" not in html
    assert "<img" not in html
    assert "javascript:" not in html.replace("[a](javascript:", "")
    assert 'href="https://b.example"' in html


def test_ten_thousand_brackets_are_text():
    assert "[" in render("[" * 10_000)
