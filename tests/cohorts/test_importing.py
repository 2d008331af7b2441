"""Applicants from a file: nothing before it is confirmed, and a way back."""

import csv
import io
import warnings
from pathlib import Path

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from cohorts import importing
from cohorts.models import (
    Answer,
    Application,
    BlindCopy,
    ImportBatch,
    ImportFile,
    ImportRow,
    Question,
    Redaction,
    Review,
    Standing,
    Ticket,
    TraitAnswer,
)
from cohorts.spreadsheets import NotATable
from cohorts.tasks import go_on_importing
from people.refusal import Refused
from tests.cohorts.conftest import open_call
from tests.cohorts.selecting import published, put

ALL = "the test looks at everything"
POOL = Path(__file__).parents[2].parent / "shared" / "data" / "applicants-110.csv"
STATE = ImportBatch.State


def rows(model):
    return model.objects.unsealed(ALL)


@pytest.fixture
def bring(birch, call, now):
    """Upload text as Lea and say what its columns are."""

    def do(text, mapping=None, *, confirm=False):
        raw = text if isinstance(text, bytes) else text.encode()
        batch = importing.upload(
            call.intake, by=birch.lea, filename="people.csv", raw=raw, now=now
        )
        if mapping is not None:
            batch = importing.say_what_columns_are(batch, by=birch.lea, mapping=mapping)
        if confirm:
            batch = importing.confirm(batch, by=birch.lea, now=now)
        return batch

    return do


NAME_AND_MAIL = {"0": "called", "1": "email"}


def test_uploading_writes_no_application(bring):
    batch = bring("name,mail\nAda,ada@example.net\n")

    assert (batch.state, batch.rows_in_all) == (STATE.UPLOADED, 1)
    assert rows(Application).count() == 0


def test_usual_headings_are_recognised(bring, call):
    batch = bring("Name,E-Mail,Organisation,Gender,What is this?\na,b@c.net,d,e,f\n")

    assert batch.mapping == {
        "0": "called",
        "1": "email",
        "2": "organisation",
        "3": f"trait:{call.traits['gender'].pk}",
    }


def test_checking_writes_no_application(bring):
    batch = bring("name,mail\nAda,ada@example.net\n", NAME_AND_MAIL)

    assert (batch.state, batch.rows_good) == (STATE.CHECKED, 1)
    assert rows(Application).count() == 0


def test_confirming_makes_all_that_an_application_needs(bring, call):
    question, trait = call.questions[0], call.traits["gender"]

    bring(
        "name,mail,work,gender\nAda,ada@example.net,Ada mends tools,Woman\n",
        {**NAME_AND_MAIL, "2": f"question:{question.pk}", "3": f"trait:{trait.pk}"},
        confirm=True,
    )

    application = rows(Application).get()
    assert (application.called, application.email) == ("Ada", "ada@example.net")
    assert rows(Answer).get().text == "Ada mends tools"
    assert rows(TraitAnswer).get().value == "woman"
    assert rows(BlindCopy).get().texts == {str(question.pk): "[…] mends tools"}
    assert rows(Standing).count() == 1


def test_confirming_twice_brings_them_once(bring, birch, now):
    batch = bring("name,mail\nAda,ada@example.net\n", NAME_AND_MAIL, confirm=True)

    importing.confirm(batch, by=birch.lea, now=now)

    assert rows(Application).count() == 1


def problems(batch):
    return {
        row.number: (row.verdict, [tuple(p) for p in row.problems])
        for row in rows(ImportRow).filter(batch=batch).exclude(problems=[])
    }


def test_bad_lines_are_named_by_row_and_column(bring):
    batch = bring(
        "name,mail\n,nobody@example.net\nBen,not an address\n"
        "Cy,cy@example.net,too,many\nDi,di@example.net\n",
        NAME_AND_MAIL,
    )

    assert batch.rows_good == 1
    assert problems(batch) == {
        2: ("bad", [(0, "There is no name here.")]),
        3: ("bad", [(1, "“not an address” is not a mail address.")]),
        4: ("bad", [(None, "More cells than there are headings.")]),
    }


def test_two_people_of_one_address_and_one_who_applied_already(bring, call):
    call.arrive("Eve Early")
    batch = bring(
        "name,mail\nAda,ada@example.net\nAda again,ADA@example.net\n"
        "Eve,eve@example.net\n",
        NAME_AND_MAIL,
    )

    assert batch.rows_good == 1
    assert problems(batch) == {
        3: ("double", [(1, "The same address as in line 2.")]),
        4: ("double", [(1, "This person has applied already.")]),
    }


def test_whoever_applies_between_look_and_confirmation_is_left_out(
    bring, call, birch, now
):
    batch = bring(
        "name,mail\nAda,ada@example.net\nBen,ben@example.net\n", NAME_AND_MAIL
    )
    call.arrive("Ada Herself", email="Ada@example.net")

    importing.confirm(batch, by=birch.lea, now=now)

    names = rows(Application).order_by("called").values_list("called", flat=True)
    assert list(names) == ["Ada Herself", "Ben"]


def test_formulas_come_in_as_text(bring):
    bring(
        'name,org\nAda,"=HYPERLINK(""http://x"",""y"")"\n',
        {"0": "called", "1": "organisation"},
        confirm=True,
    )

    assert rows(Application).get().organisation == '=HYPERLINK("http://x","y")'


def test_letters_speak_the_first_language_of_theirs_that_the_call_has(bring, call):
    call.intake.languages = ["en", "ar", "fr"]
    call.intake.save()

    bring(
        "name,languages\nHuda,so; AR; fr\nIda,so\nJo,\n",
        {"0": "called", "1": "languages"},
        confirm=True,
    )

    spoken = rows(Application).order_by("called").values_list("language", flat=True)
    assert list(spoken) == ["ar", "en", "en"]


def test_an_answer_that_is_none_of_the_choices_is_named(bring, birch, call):
    question = call.questions[0]
    question.kind, question.options = "one_of", ["red", "blue"]
    question.save()

    batch = bring(
        "name,colour\nAda,Blue\nBen,green\n",
        {"0": "called", "1": f"question:{question.pk}"},
    )

    assert problems(batch) == {
        3: ("bad", [(1, "“green” is none of the answers to choose from.")])
    }


def test_without_a_name_column_nothing_is_checked(bring):
    with pytest.raises(Refused):
        bring("name,mail\nAda,a@b.net\n", {"1": "email"})


def test_one_target_for_two_columns_is_refused(bring):
    with pytest.raises(Refused):
        bring("name,other\nAda,b\n", {"0": "called", "1": "called"})


def test_a_new_trait_takes_its_options_from_the_column(bring, call):
    bring(
        "name,age\nAda,60+\nBen,16-29\nCy,60+\n",
        {"0": "called", "1": "trait:new"},
        confirm=True,
    )

    trait = call.intake.traits.get(label="age")
    assert (trait.key, trait.options) == ("age", ["16-29", "60+"])
    assert rows(TraitAnswer).filter(trait=trait).count() == 3


def test_a_column_of_many_values_is_no_trait(bring, birch, now):
    lines = "".join(f"P{n},v{n}\n" for n in range(80))
    batch = bring(f"name,x\n{lines}", {"0": "called", "1": "trait:new"})

    with pytest.raises(Refused):
        importing.confirm(batch, by=birch.lea, now=now)

    assert rows(Application).count() == 0


def test_lines_are_forgotten_once_they_are_applications(bring):
    bring("name,mail\nAda,ada@example.net\n", NAME_AND_MAIL, confirm=True)

    assert rows(ImportRow).get().cells == []


def test_undoing_takes_everything_back(bring, birch, call):
    batch = bring(
        "name,age\nAda,60+\n", {"0": "called", "1": "trait:new"}, confirm=True
    )

    importing.undo(batch, by=birch.lea)

    call.intake.refresh_from_db()
    assert rows(Application).count() == 0
    assert not call.intake.traits.filter(label="age").exists()
    assert not call.intake.is_frozen


def test_undoing_leaves_those_who_applied_themselves(bring, birch, call):
    call.arrive("Eve")
    batch = bring("name\nAda\n", {"0": "called"}, confirm=True)

    importing.undo(batch, by=birch.lea)

    assert rows(Application).get().called == "Eve"


def test_what_was_read_cannot_be_undone(bring, birch):
    batch = bring("name\nAda\n", {"0": "called"}, confirm=True)
    copy = rows(BlindCopy).get()
    Review.objects.create(
        program=birch.program, copy=copy, reviewer=birch.rex, state="done"
    )

    with pytest.raises(Refused):
        importing.undo(batch, by=birch.lea)


def test_what_was_answered_cannot_be_undone(bring, birch, now):
    batch = bring("name\nAda\n", {"0": "called"}, confirm=True)
    rows(Application).update(outcome="offered", released_at=now)

    with pytest.raises(Refused):
        importing.undo(batch, by=birch.lea)


def test_an_import_in_a_published_draw_cannot_be_undone(bring, birch, call, now):
    names = "".join(f"Ada {n}\n" for n in range(4))
    batch = bring(f"name\n{names}", {"0": "called"}, confirm=True)
    call.intake.seats = 2
    call.intake.save()
    put(call, birch, now, rows(Application), "lottery")
    published(call, birch, now)

    with pytest.raises(Refused):
        importing.undo(batch, by=birch.lea)

    assert rows(Ticket).count() == 4


def test_only_a_lead_imports(call, birch, now):
    with pytest.raises(PermissionDenied):
        importing.upload(
            call.intake, by=birch.rex, filename="x.csv", raw=b"n\nx\n", now=now
        )


def test_a_line_of_the_file_cannot_come_in_twice(bring, call, now):
    batch = bring("name\nAda\n", {"0": "called"}, confirm=True)

    rows(ImportRow).update(application=None, cells=["Ada"])
    ImportBatch.objects.unsealed(ALL).update(state=STATE.IMPORTING)

    with pytest.raises(Refused):
        importing.go_on(batch, now=now)
    assert rows(Application).count() == 1


def test_the_real_pool_comes_in(bring, call):
    if not POOL.exists():
        warnings.warn(f"NOT TESTED: the real pool is missing at {POOL}", stacklevel=1)
        pytest.skip(f"the real pool is missing at {POOL}")
    batch = bring(POOL.read_bytes())
    assert set(batch.mapping.values()) == {
        "called",
        f"trait:{call.traits['gender'].pk}",
        f"trait:{call.traits['region'].pk}",
    }

    bring(
        POOL.read_bytes(),
        {**batch.mapping, "3": "trait:new", "4": "trait:new", "5": "trait:new"},
        confirm=True,
    )

    assert rows(Application).count() == 110
    age, education = (
        call.intake.traits.get(label=label) for label in ("age", "education")
    )
    assert "60+" in age.options
    assert "Level 2/Level 3/Apprenticeship/Other" in education.options
    assert rows(TraitAnswer).filter(trait=age).count() == 110


# --- The pages ------------------------------------------------------------------


def upload(client, content, name="people.csv"):
    return client.post(
        "/f/calls/mangrove/import/", {"file": SimpleUploadedFile(name, content)}
    )


def test_from_upload_to_undo_through_the_pages(client, birch, call):
    client.force_login(birch.lea)

    columns = upload(client, b"name,mail\nAda,ada@example.net\n").headers["Location"]
    assert b"ada@example.net" in client.get(columns).content
    shown = client.post(columns, {"column_0": "called", "column_1": "email"}).headers[
        "Location"
    ]
    assert b"1 person will come in" in client.get(shown).content
    client.post(f"{shown}confirm/")
    assert rows(Application).count() == 1
    assert b"1 line came in" in client.get(shown).content
    client.post(f"{shown}undo/")

    assert rows(Application).count() == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is empty"),
        (b"name,mail\n", "nobody to"),
        (b"PK\x03\x04....", "This is neither a CSV file nor"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "of a kind from before 2007"),
        (b"<html><table><tr><td>n</td></tr></table>", "neither a CSV file nor"),
        (b"n\n" + b"x\n" * 5001, "more than 5000 lines"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(client, birch, call, content, said):
    client.force_login(birch.lea)

    response = upload(client, content)

    assert response.status_code == 422
    assert said in response.content.decode()


def test_a_wrong_mapping_keeps_the_choices_and_says_why(client, birch, call):
    client.force_login(birch.lea)
    columns = upload(client, b"name,mail\nAda,a@b.net\n").headers["Location"]

    response = client.post(columns, {"column_0": "email", "column_1": "email"})

    assert response.status_code == 422
    assert b"Say which column holds the name." in response.content


def test_a_reviewer_finds_no_import(client, birch, call):
    client.force_login(birch.rex)

    assert client.get("/f/calls/mangrove/import/").status_code == 404


def test_five_thousand_lines_from_upload_to_the_last_application(client, birch, call):
    question = call.questions[0]
    lines = [
        f"Person {n},p{n}@example.net,{'Woman' if n % 2 else 'Man'},We lend tools {n}"
        for n in range(2, 5002)
    ]
    lines[10] = "Person 12,not an address,Man,We lend tools"
    lines[4000] = lines[0]
    client.force_login(birch.lea)

    columns = upload(
        client, "\n".join(["name,mail,sex,work", *lines]).encode()
    ).headers["Location"]
    targets = (
        *("called", "email", f"trait:{call.traits['gender'].pk}"),
        f"question:{question.pk}",
    )
    mapping = {f"column_{n}": target for n, target in enumerate(targets)}
    shown = client.post(columns, mapping).headers["Location"]
    assert b"4998 people will come in." in client.get(shown).content
    client.post(f"{shown}confirm/")
    batch = rows(ImportBatch).get()
    # The page answered after the first stretch, and shows how far the worker is.
    assert batch.state == STATE.IMPORTING
    assert b"500 of 4998 are in." in client.get(shown).content
    go_on_importing(str(batch.pk))

    assert b"4998 lines came in" in client.get(shown).content
    assert [
        rows(model).count()
        for model in (Application, Answer, TraitAnswer, BlindCopy, Standing)
    ] == [4998] * 5
    assert rows(ImportRow).filter(application=None).count() == 2


# --- Workbooks, and files read once more ----------------------------------------


def sheets(*tables):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in tables:
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEADINGS = ["name", "mail"]


def test_a_workbook_comes_in_like_any_file(bring):
    raw = sheets(("All", [HEADINGS, ["Ada", "ada@example.net"]]))

    batch = bring(raw, NAME_AND_MAIL, confirm=True)

    assert (batch.state, batch.sheet, batch.encoding) == (
        STATE.IMPORTED,
        "All",
        "xlsx",
    )
    assert rows(Application).get().called == "Ada"


def test_a_merged_cell_is_named_and_its_line_left_out(bring):
    book = openpyxl.load_workbook(
        io.BytesIO(
            sheets(
                (
                    "All",
                    [
                        [*HEADINGS, "organisation"],
                        ["Ada", "ada@example.net", "Birch"],
                        ["Ben", "ben@example.net", None],
                    ],
                )
            )
        )
    )
    book.active.merge_cells("C2:C3")
    out = io.BytesIO()
    book.save(out)

    batch = bring(out.getvalue(), {**NAME_AND_MAIL, "2": "organisation"})

    (bad,) = rows(ImportRow).filter(batch=batch, verdict=ImportRow.Verdict.BAD)
    assert (bad.number, bad.problems) == (
        3,
        [
            [
                2,
                "This cell is merged with C2. Split it in your spreadsheet and fill "
                "in every line.",
            ]
        ],
    )
    assert batch.rows_good == 1


def test_another_sheet_is_read_from_the_same_file(bring, birch):
    raw = sheets(
        ("A", [HEADINGS, ["Ada", ""]]), ("B", [HEADINGS, ["Ben", ""], ["Cy", ""]])
    )
    batch = bring(raw, NAME_AND_MAIL)

    batch = importing.read_again(batch, by=birch.lea, sheet="B")

    said = rows(ImportRow).filter(batch=batch).order_by("number")
    assert (batch.state, batch.sheet) == (STATE.UPLOADED, "B")
    assert [row.cells[0] for row in said] == ["Ben", "Cy"]


def test_letters_that_look_wrong_are_read_another_way(bring, birch):
    batch = bring("name\nJosé\n".encode("mac_roman"))

    batch = importing.read_again(batch, by=birch.lea, encoding="mac_roman")

    assert rows(ImportRow).get(batch=batch).cells == ["José"]


def test_what_cannot_be_read_that_way_leaves_all_as_it_was(bring, birch):
    batch = bring(sheets(("A", [HEADINGS, ["Ada", ""]])), NAME_AND_MAIL)

    with pytest.raises(NotATable):
        importing.read_again(batch, by=birch.lea, sheet="No such sheet")

    batch.refresh_from_db()
    assert (batch.state, rows(ImportRow).count()) == (STATE.CHECKED, 1)


def test_the_file_is_forgotten_when_it_is_confirmed(bring, birch):
    batch = bring("name\nAda\n", {"0": "called"}, confirm=True)

    assert not rows(ImportFile).exists()
    with pytest.raises(Refused):
        importing.read_again(batch, by=birch.lea, encoding="cp1252")


def test_only_a_lead_reads_a_file_again(bring, birch):
    batch = bring("name\nAda\n")

    with pytest.raises(PermissionDenied):
        importing.read_again(batch, by=birch.rex, encoding="cp1252")


def test_a_file_that_nobody_confirmed_is_forgotten_in_time(bring, now):
    bring("name\nAda\n")
    kept = bring("name\nBen\n", {"0": "called"}, confirm=True)

    early = importing.forget_old(now=now + importing.FORGOTTEN_AFTER)
    late = importing.forget_old(now=now + 2 * importing.FORGOTTEN_AFTER)

    assert (early, late) == (0, 1)
    assert rows(ImportBatch).get() == kept


# --- The same headings once more --------------------------------------------------


def test_the_same_headings_are_what_they_were_last_time(bring, call):
    answer = f"question:{call.questions[0].pk}"
    bring("who,mail,why\nAda,ada@example.net,so\n", {"0": "called", "2": answer})

    again = bring("who,mail,why\nBen,ben@example.net,so\n")

    assert again.mapping == {"0": "called", "2": answer, "from": "people.csv"}


def test_another_call_finds_its_own_question_of_the_same_words(bring, birch, call, now):
    words = call.questions[0].label
    bring(
        "who,why\nAda,so\n",
        {"0": "called", "1": f"question:{call.questions[0].pk}"},
    )
    other = open_call(birch, now=now, name="Willow")
    mine = other.questions.get(label=words)

    again = importing.upload(
        other, by=birch.lea, filename="b.csv", raw=b"who,why\nBen,so\n", now=now
    )

    assert again.mapping == {
        "0": "called",
        "1": f"question:{mine.pk}",
        "from": "people.csv",
    }


def test_a_trait_made_last_time_is_that_trait(bring, call):
    bring("name,zone\nAda,north\n", {"0": "called", "1": "trait:new"}, confirm=True)
    made = call.intake.traits.get(label="zone")

    again = bring("name,zone\nBen,south\n")

    assert again.mapping["1"] == f"trait:{made.pk}"


def test_forgetting_a_file_forgets_what_was_said_of_its_columns(bring, birch):
    batch = bring("who,mail\nAda,ada@example.net\n", {"0": "called", "1": "email"})

    importing.throw_away(batch, by=birch.lea)

    assert "from" not in bring("who,mail\nBen,ben@example.net\n").mapping


def test_former_files_with_the_same_headings_are_forgotten_on_request(bring, birch):
    kept = bring("who,mail\nAda,ada@example.net\n", NAME_AND_MAIL, confirm=True)
    first = bring("who,mail\nBen,ben@example.net\n")
    importing.throw_away(first, by=birch.lea)
    second = bring("who,mail\nBen,ben@example.net\n")
    assert second.mapping["from"] == "people.csv"

    importing.throw_away(second, by=birch.lea, headings=True)

    kept.refresh_from_db()
    assert (kept.mapping, kept.state) == ({}, STATE.IMPORTED)
    assert "from" not in bring("who,mail\nBen,ben@example.net\n").mapping


def test_traits_that_an_import_made_can_still_be_taken_back_after_forgetting(
    bring, birch, call
):
    kept = bring(
        "who,zone\nAda,north\n", {"0": "called", "1": "trait:new"}, confirm=True
    )
    other = bring("who,zone\nBen,south\n")

    importing.throw_away(other, by=birch.lea, headings=True)
    importing.undo(kept, by=birch.lea)

    assert not call.intake.traits.filter(label="zone").exists()


def test_the_page_forgets_file_columns_and_former_headings(client, bring, birch):
    client.force_login(birch.lea)
    bring("who,mail\nAda,ada@example.net\n", NAME_AND_MAIL, confirm=True)
    batch = bring("who,mail\nBen,ben@example.net\n")
    page = f"/f/calls/mangrove/import/{batch.pk}/undo/"

    asked = client.get(page).content.decode()
    client.post(page, {"forget": "yes", "headings": "on"})

    assert "Forget what was said of these headings in former imports" in asked
    assert not rows(ImportBatch).filter(pk=batch.pk).exists()
    assert "from" not in bring("who,mail\nBen,ben@example.net\n").mapping


def test_taking_an_import_back_twice_does_not_forget_it(client, bring, birch):
    client.force_login(birch.lea)
    batch = bring("who,mail\nAda,ada@example.net\n", NAME_AND_MAIL, confirm=True)
    page = f"/f/calls/mangrove/import/{batch.pk}/undo/"

    client.post(page)
    client.post(page)

    assert rows(ImportBatch).get(pk=batch.pk).state == STATE.UNDONE
    client.post(page, {"forget": "yes"})
    assert not rows(ImportBatch).exists()


# --- Doubles ------------------------------------------------------------------------


def test_the_same_line_twice_without_an_address_comes_in_once(bring):
    batch = bring(
        "name,organisation\nAda,Birch\nBen,Oak\nAda,Birch\n",
        {"0": "called", "1": "organisation"},
        confirm=True,
    )

    (double,) = rows(ImportRow).filter(batch=batch, verdict=ImportRow.Verdict.DOUBLE)
    assert (double.number, double.problems) == (4, [[None, "The same as line 2."]])
    assert rows(Application).count() == 2


def test_somebody_of_the_same_name_and_house_is_asked_about_and_comes_in(bring, call):
    call.arrive("Ada King", organisation="Engines")

    batch = bring(
        "name,mail,organisation\nada  king,other@example.net,engines\n",
        {**NAME_AND_MAIL, "2": "organisation"},
    )

    row = rows(ImportRow).get(batch=batch)
    assert row.verdict == ImportRow.Verdict.GOOD
    assert "Is it the same person?" in row.problems[0][1]


# --- Undo, while nobody acted ---------------------------------------------------------


def begun(birch, application):
    copy = rows(BlindCopy).get(application=application)
    Review.objects.create(
        program=birch.program,
        copy=copy,
        reviewer=birch.rex,
        state=Review.State.BEGUN,
    )


def decided(birch, application):
    rows(Standing).filter(application=application).update(
        pending="offered", decided_at=application.submitted_at
    )


def withdrawn(birch, application):
    rows(Application).filter(pk=application.pk).update(edition=2)


def claimed(birch, application):
    rows(Application).filter(pk=application.pk).update(applicant=birch.oma.person)


def hidden(birch, application):
    Redaction.objects.create(
        program=birch.program,
        copy=rows(BlindCopy).get(application=application),
        words=["Birch"],
    )


@pytest.mark.parametrize("act", [begun, decided, withdrawn, claimed, hidden])
def test_whatever_anybody_did_keeps_the_import(bring, birch, act):
    batch = bring("name\nAda\n", {"0": "called"}, confirm=True)
    act(birch, rows(Application).get())

    with pytest.raises(Refused):
        importing.undo(batch, by=birch.lea)

    assert rows(Application).count() == 1


# --- The pages of all that ---------------------------------------------------------


def test_a_workbook_of_two_sheets_through_the_pages(client, birch, call):
    client.force_login(birch.lea)
    raw = sheets(
        ("First", [HEADINGS, ["Ada", "ada@example.net"]]),
        ("Second", [HEADINGS, ["Ben", "ben"]]),
    )
    place = client.post(
        "/f/calls/mangrove/import/", {"file": SimpleUploadedFile("p.xlsx", raw)}
    )["Location"]
    page = client.get(place).content.decode()
    base = place.removesuffix("columns/")

    read = client.post(f"{base}read/", {"sheet": "Second"}, follow=True)
    client.post(place, {"column_0": "called", "column_1": "email"})
    table = client.get(f"{base}problems.csv").content.decode("utf-8-sig")

    assert "Read from the sheet “First”." in page
    assert "Read from the sheet “Second”." in read.content.decode()
    assert list(csv.reader(io.StringIO(table)))[1:] == [
        ["2", "B", "mail", "left out", "“ben” is not a mail address.", "ben"]
    ]


def test_a_sheet_that_is_not_there_is_said_and_nothing_changes(client, birch, call):
    client.force_login(birch.lea)
    raw = sheets(("A", [HEADINGS, ["Ada", ""]]), ("B", [HEADINGS, ["Ben", ""]]))
    place = client.post(
        "/f/calls/mangrove/import/", {"file": SimpleUploadedFile("p.xlsx", raw)}
    )["Location"]

    page = client.post(place.replace("columns/", "read/"), {"sheet": "C"})

    assert page.status_code == 422
    assert rows(ImportRow).get().cells[0] == "Ada"


def test_a_reviewer_finds_no_problems_and_reads_nothing_again(client, birch, bring):
    batch = bring("name\nAda\n")
    base = f"/f/calls/mangrove/import/{batch.pk}/"
    client.force_login(birch.rex)

    found = client.get(f"{base}problems.csv"), client.post(f"{base}read/")

    assert [page.status_code for page in found] == [404, 404]


def test_a_line_to_look_at_is_named_as_the_spreadsheet_names_it(client, birch, bring):
    batch = bring("name,\nAda,ben\n", NAME_AND_MAIL)
    client.force_login(birch.lea)

    page = client.get(f"/f/calls/mangrove/import/{batch.pk}/").content.decode()

    assert '<th scope="row">2</th>' in page
    assert "<td><bdi>B</bdi></td>" in page


@pytest.mark.parametrize("n", [1, 40])
def test_the_columns_and_the_preview_cost_the_same_however_long(
    client, birch, bring, n, django_assert_max_num_queries
):
    lines = "".join(f"P {i},wrong{i}\n" for i in range(n))
    batch = bring(f"name,mail\n{lines}", NAME_AND_MAIL)
    client.force_login(birch.lea)

    for page in ("", "columns/", "problems.csv"):
        with django_assert_max_num_queries(10):
            client.get(f"/f/calls/mangrove/import/{batch.pk}/{page}")


def test_five_thousand_lines_of_a_workbook_with_most_of_what_goes_wrong(bring):
    """Half of them fine: the others merged, wrong, or there already."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*HEADINGS, "organisation"])
    for n in range(5_000):
        mail = ("p%d@example.net", "p%d", "same@example.net", "q%d@example.net")[n % 4]
        sheet.append([f"Person {n}", mail.replace("%d", str(n)), "Birch"])
    for n in range(5, 5_002, 400):
        sheet.merge_cells(f"C{n - 1}:C{n}")
    out = io.BytesIO()
    book.save(out)

    batch = bring(out.getvalue(), {**NAME_AND_MAIL, "2": "organisation"})

    verdict = ImportRow.Verdict
    found = {
        kind: rows(ImportRow).filter(batch=batch, verdict=kind).count()
        for kind in (verdict.GOOD, verdict.BAD, verdict.DOUBLE)
    }
    assert found == {
        verdict.GOOD: 2_488,
        verdict.BAD: 1_263,
        verdict.DOUBLE: 1_249,
    }


def test_five_thousand_lines_of_text_with_wrong_letters_formulas_and_gaps(
    client, birch, call
):
    """Two exports pasted together: Unicode first, then lines of an older Windows."""
    lines = []
    for n in range(2, 5_002):
        name, mail = f"José Núñez {n}", f"p{n}@example.net"
        match n % 10:
            case 1:
                name = f"=HYPERLINK(1;{n})"
            case 2:
                mail = "-"
            case 3:
                lines.append(f"{name}".encode())  # merged cells come as one
                continue
        lines.append(f"{name},{mail}".encode("cp1252" if n > 4_000 else "utf-8"))
    client.force_login(birch.lea)

    columns = upload(client, b"\n".join([b"name,mail", *lines])).headers["Location"]
    warned = client.get(columns).content.decode()
    shown = client.post(columns, {"column_0": "called", "column_1": "email"})
    page = client.get(shown.headers["Location"]).content.decode()
    problems = client.get(shown.headers["Location"] + "problems.csv")

    batch = rows(ImportBatch).get()
    assert "Most of this file is Unicode and some lines are not" in warned
    assert batch.rows_in_all == 5_000
    verdict = ImportRow.Verdict
    bad = rows(ImportRow).filter(batch=batch, verdict=verdict.BAD)
    assert {row.number % 10 for row in bad} == {2}
    assert batch.rows_good == 4_500
    assert "4500 people will come in." in page
    assert not rows(Application).exists()
    assert {row.cells[0][:10] for row in rows(ImportRow).filter(batch=batch)} == {
        "José Núñez",
        "=HYPERLINK",
    }
    # What goes back into a spreadsheet runs nowhere.
    assert b"\n=HYPERLINK" not in problems.getvalue()


@pytest.mark.parametrize(
    ("required", "is_asked", "said"),
    [(True, False, True), (True, True, False), (False, False, False)],
)
def test_a_needed_consent_that_no_column_answers_is_told(
    client, birch, call, bring, required, is_asked, said
):
    consents = call.intake.questions.filter(kind=Question.Kind.CONSENT)
    consents.update(required=required)
    mapping = {**NAME_AND_MAIL}
    if is_asked:
        mapping["2"] = f"question:{consents.get().pk}"
    batch = bring("name,mail,yes?\nAda,ada@example.net,yes\n", mapping)
    client.force_login(birch.lea)

    page = client.get(f"/f/calls/mangrove/import/{batch.pk}/").content.decode()

    assert "1 person will come in" in page
    assert ("Nobody in this file has said yes to" in page) is said
