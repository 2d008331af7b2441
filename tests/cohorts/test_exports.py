"""Applications as a table: what is sensitive leaves with a reason only."""

import io
import warnings

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied

from cohorts import disclosing
from cohorts.models import Disclosure, TraitAnswer
from people.models import Record
from people.refusal import Refused

TAKE = "/f/calls/mangrove/applications/take/"
ALL = "the test looks at everything"


@pytest.fixture
def lea(client, birch):
    client.force_login(birch.lea)
    return client


@pytest.fixture
def amina(call, birch):
    application = call.arrive("Amina", organisation="=1+1")
    TraitAnswer.objects.create(
        program=birch.program,
        application=application,
        trait=call.traits["gender"],
        value="woman",
    )
    return application


def sheet_of(page):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(page.content))
    return book.worksheets[0]


def test_a_workbook_holds_the_table_and_nothing_that_runs(lea, amina):
    page = lea.post(TAKE, {"kind": "xlsx"})

    sheet = sheet_of(page)
    row = dict(zip(*sheet.iter_rows(max_row=2, values_only=True), strict=True))
    kinds = {cell.data_type for line in sheet.iter_rows() for cell in line}
    assert (row["name"], row["organisation"]) == ("Amina", "=1+1")
    assert "f" not in kinds
    assert "woman" not in row.values()
    assert page["Content-Disposition"] == 'attachment; filename="mangrove.xlsx"'


def test_traits_without_a_reason_are_not_given(lea, amina):
    page = lea.post(TAKE, {"kind": "csv", "traits": "on", "reason": "  "})

    assert page.status_code == 422
    assert b"Say in a few words what you need them for." in page.content
    assert not Disclosure.objects.unsealed(ALL).exists()


def test_the_reason_is_kept_and_shown_to_the_leads(lea, amina, birch):
    page = lea.post(TAKE, {"kind": "csv", "traits": "on", "reason": "Checking balance"})

    kept = Disclosure.objects.visible_to(birch.lea).get()
    assert b"woman" in page.content
    assert (kept.taken_by, kept.reason, kept.people) == (
        birch.lea,
        "Checking balance",
        1,
    )
    assert (kept.with_traits, kept.with_sensitive) == (True, False)
    assert Record.objects.filter(act="applications.disclose", about=kept.pk).exists()
    assert "Checking balance" in lea.get(TAKE).content.decode()


def test_what_is_not_sensitive_leaves_no_record(lea, amina):
    lea.post(TAKE, {"kind": "csv"})

    assert not Disclosure.objects.unsealed(ALL).exists()


def test_only_a_lead_takes_a_table(client, birch, amina, call, now):
    client.force_login(birch.rex)

    assert client.get(TAKE).status_code == 404
    assert client.post(TAKE, {"kind": "csv"}).status_code == 404
    with pytest.raises(PermissionDenied):
        disclosing.disclose(
            call.intake,
            by=birch.rex,
            reason="x",
            traits=True,
            sensitive=False,
            people=1,
            now=now,
        )


def test_an_empty_reason_discloses_nothing(birch, call, now):
    with pytest.raises(Refused):
        disclosing.disclose(
            call.intake,
            by=birch.lea,
            reason=" ",
            traits=True,
            sensitive=False,
            people=1,
            now=now,
        )


def test_others_do_not_read_why(birch, call, now):
    disclosing.disclose(
        call.intake,
        by=birch.lea,
        reason="Balance",
        traits=True,
        sensitive=False,
        people=1,
        now=now,
    )

    for who in (birch.rex, birch.ada, birch.sol, birch.fay, birch.oma):
        person = getattr(who, "person", who)
        assert not Disclosure.objects.visible_to(person).exists()


@pytest.mark.parametrize("rows", [1, 30])
def test_the_table_costs_the_same_however_long(
    lea, call, rows, django_assert_max_num_queries
):
    for n in range(rows):
        call.arrive(f"Person {n}", email=f"p{n}@example.net")

    with django_assert_max_num_queries(16):
        lea.post(TAKE, {"kind": "xlsx", "traits": "on", "reason": "Balance"})
