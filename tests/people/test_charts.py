from django.template.loader import get_template

from people.charts import Bars, Curve, Line, Series, Stacked, Step


def rendered(chart):
    return get_template(chart.template).render({"chart": chart})


def test_bars_are_drawn_against_what_a_full_bar_means():
    chart = Bars(
        title="Practices",
        sentence="Seven tried the card, four kept it.",
        labels=["Card"],
        series=[Series("tried", [7]), Series("kept", [4])],
        whole=14,
    )

    (row,) = chart.rows

    assert [(c.text, c.width) for c in row.cells] == [("7", "50"), ("4", "28.57")]


def test_a_value_that_may_not_be_shown_has_no_width_and_says_so():
    chart = Bars(
        title="Sites", sentence="", labels=["A", "B"], series=[Series("n", [12, None])]
    )

    shown, hidden = (row.cells[0] for row in chart.rows)

    assert (shown.width, hidden.is_hidden, hidden.width) == ("100", True, "0")
    assert "hidden" in rendered(chart)


def test_a_stack_leaves_a_seam_between_its_parts_and_drops_what_is_not_there():
    chart = Stacked(
        title="Region",
        sentence="",
        labels=["Birch"],
        series=[Series("Africa", [3]), Series("Asia", [0]), Series("Europe", [1])],
    )

    (row,) = chart.rows

    assert [(c.name, c.start, c.width) for c in row.cells] == [
        ("Africa", "0", "74"),
        ("Europe", "75", "24"),
    ]


def test_a_line_keeps_a_gap_where_nothing_is_known():
    chart = Line(
        title="Check-ins",
        sentence="",
        labels=["1", "2", "3", "4"],
        series=[Series("sent", [0, 4, None, 2])],
    )

    (drawn,) = chart.drawn

    assert drawn.path == "M0 40L33.33 0M100 20"
    assert (chart.low_text, chart.top_text, drawn.last) == ("0", "4", "2")


def test_a_curve_steps_and_carries_its_band():
    chart = Curve(
        title="Still in use",
        sentence="",
        steps=[Step(0, 1, 1, 1), Step(3, 0.5, 0.25, 0.75)],
        until=12,
        unit="months",
        unfinished=[6],
    )

    assert chart.path == "M0 0H25V20H100"
    assert chart.band == "M0 0H25V10H100V30H25V0H0Z"
    assert chart.ticks == "M50 18.5v3"
    assert chart.table[1] == ("3", "50 %", "25 %–75 %")


def test_a_chart_of_nothing_stands_empty():
    chart = Line(title="Nothing", sentence="Nothing yet.", labels=[], series=[])
    curve = Curve(title="Nothing", sentence="", steps=[], until=0, unit="months")

    assert "Nothing yet." in rendered(chart)
    assert (curve.path, curve.band) == ("", "")
    assert "Nothing" in rendered(curve)


def test_a_chart_is_an_image_with_a_sentence_and_a_table_twin():
    chart = Line(
        title="Check-ins",
        sentence="Check-ins rose from 1 to 3.",
        labels=["May", "June"],
        series=[Series("sent", [1, 3])],
    )

    page = rendered(chart)

    assert 'role="img" aria-label="Check-ins rose from 1 to 3."' in page
    assert '<th scope="row">June</th><td>3</td>' in page
    assert "style=" not in page
