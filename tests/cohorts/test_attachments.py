"""Answers by voice or file, from the draft to those who may hear them."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cohorts import afterwards, applying, attachments, reviewing
from cohorts.links import Holder
from cohorts.models import (
    Answer,
    AnswerFile,
    Application,
    BlindCopy,
    Draft,
    DraftFile,
)
from cohorts.reviewing import Given
from people.refusal import Refused
from tests.cohorts.test_applying import (
    page_1,
    page_2,
    page_3,
    page_4,
    rows,
)
from tests.cohorts.test_cleaning import SECRET, mp4, pdf


@pytest.fixture(autouse=True)
def a_disk(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def sound(name="Amina's answer.m4a", content=None):
    return SimpleUploadedFile(name, content or mp4(), content_type="text/html")


def on_disk(upload):
    with default_storage.open(upload.file.name) as opened:
        return opened.read()


def name_of(question):
    return f"f_{question.pk.hex}"


def begin(client):
    client.post("/apply/mangrove/1/", page_1())


def record(client, call, upload=None, **said):
    """Page 2, with its first question answered by voice alone."""
    first = call.questions[0]
    typed = page_2(call) | {f"q_{first.pk.hex}": ""} | said
    return client.post(
        "/apply/mangrove/2/", typed | {name_of(first): upload or sound()}
    )


def send(client, call):
    begin(client)
    record(client, call)
    client.post("/apply/mangrove/3/", page_3())
    client.post("/apply/mangrove/4/", page_4(call))
    client.post("/apply/mangrove/review/")
    return rows(AnswerFile).get()


def test_a_recording_stands_in_for_text(client, call):
    begin(client)

    response = record(client, call)

    assert response.headers["Location"] == "/apply/mangrove/3/"
    kept = rows(DraftFile).get()
    assert (kept.mime, kept.question) == ("audio/mp4", call.questions[0])
    stored = on_disk(kept)
    assert SECRET not in stored
    assert "Amina" not in kept.file.name


def test_without_text_or_recording_the_question_asks(client, call):
    begin(client)

    page = client.post(
        "/apply/mangrove/2/",
        page_2(call) | {f"q_{call.questions[0].pk.hex}": ""},
    )

    assert page.status_code == 422
    assert "or answer by voice or with a file" in page.content.decode()


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (("a.svg", b"<svg/>"), "says another kind"),
        (("a.exe", b"MZ\0"), "We take PDF"),
        (("a.pdf", b"%PDF-1.7 /Info 9 0 R"), "Print it into a new PDF"),
        (("a.m4a", mp4()[:-3]), "could not be read to its end"),
        (("a.m4a", mp4() + bytes(attachments.LARGEST)), "larger than 5.0"),
    ],
)
def test_what_is_not_taken_says_how_to_mend_it_and_keeps_the_text(
    client, call, upload, sentence
):
    begin(client)

    page = record(client, call, SimpleUploadedFile(*upload))

    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert "We lend tools" in page.content.decode()
    assert not rows(DraftFile).exists()


def test_a_mistake_elsewhere_on_the_page_loses_no_recording(client, call):
    begin(client)

    page = record(client, call, **{f"q_{call.questions[1].pk.hex}": ""})

    assert page.status_code == 422
    assert rows(DraftFile).count() == 1
    assert "A recording is kept" in page.content.decode()


def test_another_recording_takes_the_place_of_the_first(
    client, call, django_capture_on_commit_callbacks
):
    begin(client)
    record(client, call)
    first = rows(DraftFile).get().file.name

    with django_capture_on_commit_callbacks(execute=True):
        record(client, call)

    assert rows(DraftFile).get().file.name != first
    assert not default_storage.exists(first)


def test_removing_it_keeps_the_rest_of_the_page(
    client, call, django_capture_on_commit_callbacks
):
    begin(client)
    record(client, call)
    name = rows(DraftFile).get().file.name

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(
            "/apply/mangrove/2/",
            page_2(call, "Seeds") | {"remove": call.questions[0].pk.hex},
        )

    assert response.headers["Location"].startswith("/apply/mangrove/2/#")
    assert (rows(DraftFile).exists(), default_storage.exists(name)) == (False, False)
    assert "Seeds" in rows(Draft).get().typed.values()


def test_throwing_the_draft_away_takes_the_recording_along(
    client, call, django_capture_on_commit_callbacks
):
    begin(client)
    record(client, call)
    name = rows(DraftFile).get().file.name

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/apply/mangrove/throw-away/")

    assert not default_storage.exists(name)


def test_there_is_an_end_to_what_one_person_may_keep(client, call, now, monkeypatch):
    monkeypatch.setattr(attachments, "MOST_OF_ONE", len(mp4()) + 10)
    begin(client)
    record(client, call)
    draft = rows(Draft).get()

    with pytest.raises(Refused):
        applying.keep_file(
            draft,
            by=Holder(draft_id=draft.pk),
            question=call.questions[1],
            upload=sound(),
            now=now,
        )


def test_nobody_else_adds_to_a_draft(client, birch, call, now):
    begin(client)
    draft = rows(Draft).get()

    with pytest.raises(PermissionDenied):
        applying.keep_file(
            draft, by=birch.lea, question=call.questions[0], upload=sound(), now=now
        )


def test_its_writer_takes_a_copy_that_nothing_runs(client, call):
    begin(client)
    record(client, call)

    copy = client.get(f"/apply/mangrove/files/{call.questions[0].pk}/")

    assert copy.headers["Content-Disposition"] == 'attachment; filename="mangrove.m4a"'
    assert copy.headers["X-Content-Type-Options"] == "nosniff"
    assert copy.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert copy.headers["Content-Type"] == "audio/mp4"
    assert copy.content == on_disk(rows(DraftFile).get())


def test_a_stranger_gets_no_copy(client, call):
    begin(client)
    record(client, call)

    url = f"/apply/mangrove/files/{call.questions[0].pk}/"
    assert Client().get(url).status_code == 404


def test_sent_it_belongs_to_the_applicant_and_the_leads(client, birch, call):
    upload = send(client, call)

    assert not rows(DraftFile).exists()
    assert default_storage.exists(upload.file.name)
    url = f"/f/calls/mangrove/answers/{upload.pk}/"
    for person, status in ((birch.lea, 200), (birch.rex, 404), (birch.fay, 404)):
        client.force_login(person)
        assert client.get(url).status_code == status, person


def test_reviewers_read_the_words_a_lead_writes_down(client, birch, call, now):
    upload = send(client, call)
    key = str(call.questions[0].pk)
    before = rows(BlindCopy).get().texts[key]
    client.force_login(birch.lea)

    response = client.post(
        f"/f/calls/mangrove/answers/{upload.pk}/words/",
        {"words": "I am Amina Yusuf and we lend tools."},
    )

    assert before == "[Answered with a recording. Its words are not written yet.]"
    assert response.status_code == 302
    assert rows(BlindCopy).get().texts[key] == "I am […] and we lend tools."


def test_only_a_lead_writes_the_words_down(client, birch, call, now):
    upload = send(client, call)

    with pytest.raises(PermissionDenied):
        afterwards.write_down(upload, by=birch.rex, words="Mine", now=now)


def test_the_lead_finds_it_beside_the_answers(client, birch, call):
    upload = send(client, call)
    client.force_login(birch.lea)

    page = client.get(f"/f/calls/mangrove/applications/{upload.application_id}/")

    assert f"/f/calls/mangrove/answers/{upload.pk}/" in page.content.decode()


def test_a_question_may_ask_for_a_file(client, birch, call):
    question = call.questions[0]
    question.kind, question.may_be_shared = "file", False
    question.save()
    begin(client)
    typed = page_2(call)
    del typed[f"q_{question.pk.hex}"]
    without = client.post("/apply/mangrove/2/", typed)

    voice = client.post("/apply/mangrove/2/", typed | {name_of(question): sound()})
    paper = SimpleUploadedFile("plan.pdf", pdf())
    right = client.post("/apply/mangrove/2/", typed | {name_of(question): paper})

    assert "Add a file." in without.content.decode()
    assert (without.status_code, voice.status_code) == (422, 422)
    assert right.status_code == 302
    review = client.get("/apply/mangrove/review/").content.decode()
    assert "A file, " in review


def test_a_question_that_takes_text_alone_keeps_no_file(client, call):
    call.questions[0].by_voice = False
    call.questions[0].save()
    begin(client)

    record(client, call)

    assert not rows(DraftFile).exists()


# --- Afterwards -----------------------------------------------------------------


@pytest.fixture
def sent(call):
    return call.arrive("Amina Yusuf")


def test_something_is_added_below_what_was_sent(birch, call, sent, now):
    by = Holder(application_id=sent.pk)

    for _twice in range(2):
        afterwards.add_to_answer(
            sent, by=by, question=call.questions[0], text="And seeds.", now=now
        )

    text = rows(Answer).get(application=sent, question=call.questions[0]).text
    assert text.startswith(f"{call.questions[0].label}: mine\n\nAdded on ")
    assert text.endswith(":\nAnd seeds.")
    assert text.count("And seeds.") == 1
    copy = rows(BlindCopy).get(application=sent)
    assert "And seeds." in copy.texts[str(call.questions[0].pk)]
    assert copy.changed_at == now


def test_whoever_read_it_sees_that_it_changed_and_both_texts(
    client, birch, call, sent, now
):
    copy = rows(BlindCopy).get(application=sent)
    levels = {c.pk: Given(3, "the first line") for c in call.criteria}
    reviewing.finish(copy, by=birch.rex, given=levels, now=now)
    client.force_login(birch.rex)
    queue = "/f/calls/mangrove/review/"
    before = client.get(queue).content.decode()

    afterwards.add_to_answer(
        sent,
        by=Holder(application_id=sent.pk),
        question=call.questions[0],
        text="And seeds.",
        now=now + timedelta(hours=1),
    )
    after = client.get(queue).content.decode()
    page = client.get(f"{queue}{copy.pk}/").content.decode()

    assert "changed since you read it" not in before
    assert after.count("changed since you read it") == 1
    assert "Changed since you scored it" in page
    [changed] = re.findall(r'aria-labelledby="h-changed">(.*?)</section>', page, re.S)
    assert "<ins>" in changed
    assert "seeds" in changed
    reviewing.finish(copy, by=birch.rex, given=levels, now=now + timedelta(hours=2))
    assert "changed since you read it" not in client.get(queue).content.decode()


def test_an_answer_that_was_empty_begins_with_what_is_added(call, sent, now):
    question = call.questions[4]

    afterwards.add_to_answer(
        sent,
        by=Holder(application_id=sent.pk),
        question=question,
        text="Around us",
        now=now,
    )

    text = rows(Answer).get(application=sent, question=question).text
    assert text.endswith(":\nAround us")


def test_only_the_applicant_adds(birch, call, sent, now):
    for by in (birch.lea, birch.ada.person, Holder()):
        with pytest.raises(PermissionDenied):
            afterwards.add_to_answer(
                sent, by=by, question=call.questions[0], text="x", now=now
            )


def test_after_the_answer_nothing_is_added(call, sent, now):
    rows(Application).update(outcome="declined", released_at=now)

    with pytest.raises(Refused):
        afterwards.add_to_answer(
            sent,
            by=Holder(application_id=sent.pk),
            question=call.questions[0],
            text="x",
            now=now,
        )


def test_withdrawn_nothing_is_added(call, sent, now):
    by = Holder(application_id=sent.pk)
    applying.withdraw(sent, by=by, now=now)

    with pytest.raises(Refused):
        afterwards.add_to_answer(
            sent, by=by, question=call.questions[0], text="x", now=now
        )


def test_adding_through_the_page(client, birch, call, sent):
    rows(Application).filter(pk=sent.pk).update(applicant=birch.ada.person)
    client.force_login(birch.ada.person)
    status = client.get("/apply/mangrove/status/").content.decode()

    response = client.post(
        "/apply/mangrove/add/",
        {"question": str(call.questions[0].pk), "text": "And seeds."},
    )

    assert "/apply/mangrove/add/" in status
    assert response.headers["Location"] == "/apply/mangrove/status/"
    assert (
        "And seeds."
        in rows(Answer).get(application=sent, question=call.questions[0]).text
    )
    empty = client.post("/apply/mangrove/add/", {"text": ""})
    assert empty.status_code == 422


def test_whoever_holds_nothing_is_shown_the_call(client, call, sent):
    response = client.get("/apply/mangrove/add/")

    assert response.headers["Location"] == "/apply/mangrove/"


def test_all_is_read_in_the_applicants_export(birch, call, sent):
    from people import privacy

    rows(Application).filter(pk=sent.pk).update(applicant=birch.ada.person)
    AnswerFile.objects.create(
        program=birch.program,
        application=sent,
        question=call.questions[0],
        file="answers/a/b.m4a",
    )

    told = privacy.export(birch.ada.person)["tables"]["cohorts.AnswerFile"]
    assert told[0]["file"] == "answers/a/b.m4a"
