from django import forms
from django.http import QueryDict

from people.availability import NEVER
from people.week import WeekField, days_of, laid_over


class WeekForm(forms.Form):
    week = WeekField(label="When could you meet?")


def posted(**fields):
    data = QueryDict(mutable=True)
    for name, value in fields.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return WeekForm(data)


def test_the_brush_is_laid_over_what_stood():
    form = posted(
        week=NEVER,
        week_day=["0", "4"],
        week_from="18",
        week_until="20",
        week_comfort="3",
    )

    assert form.is_valid()
    days = days_of(form.cleaned_data["week"])
    assert [str(d.name) for d in days if d.spans] == ["Monday", "Friday"]
    assert [(a, b, str(c)) for a, b, c in days[0].spans] == [
        ("09:00", "10:00", "gladly")
    ]


def test_without_a_day_the_brush_changes_nothing():
    form = posted(week="", week_from="18", week_until="20", week_comfort="3")

    assert form.is_valid()
    assert form.cleaned_data["week"] == ""


def test_hours_past_midnight_run_into_the_next_day_and_sunday_into_monday():
    week = laid_over(NEVER, days=["6"], start=46, end=2, comfort="2")

    assert [n for n, digit in enumerate(week) if digit == "2"] == [0, 1, 334, 335]


def test_painting_not_possible_takes_hours_away():
    week = laid_over("3" * 336, days=["0"], start=0, end=48, comfort="0")

    assert (week[:48], week[48]) == ("0" * 48, "3")


def test_a_week_that_is_none_is_told_kindly():
    form = posted(week="9" * 336)

    assert form.errors == {"week": ["These hours could not be read. Set them anew."]}


def test_a_brush_of_nonsense_is_not_laid():
    form = posted(
        week=NEVER,
        week_day=["9", "x", "²", "9" * 5000],
        week_from="99",
        week_until="-4",
        week_comfort="7",
    )

    assert form.is_valid()
    assert form.cleaned_data["week"] == ""


def test_a_day_that_no_week_has_is_left_out():
    days = ["²", "٣", "7", "9" * 5000]

    assert laid_over(NEVER, days=days, start=0, end=2, comfort="2") == NEVER


def test_the_page_says_the_hours_in_words():
    page = str(WeekForm(initial={"week": "1" * 48 + "0" * 288})["week"])

    assert "<bdi>00:00–24:00</bdi> if it must be" in page
    assert "style=" not in page


def test_the_field_stands_in_a_fieldset_of_its_own():
    page = WeekForm()["week"].as_field_group()

    assert page.count("<legend>When could you meet?</legend>") == 1
