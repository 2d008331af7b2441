"""The list of applications: searched, sorted, paged, exported; and one of them."""

import csv
import io
import re

import pytest

from cohorts import deciding
from cohorts.models import Application, Question, Standing, TraitAnswer

ALL = "the test looks at everything"
LIST = "/f/calls/mangrove/applications/"


def names(page):
    return re.findall(r'row"><a href="[^"]+"><bdi>([^<]+)<', page.content.decode())


@pytest.fixture
def lea(client, birch):
    client.force_login(birch.lea)
    return client


def test_the_newest_come_first(lea, call):
    for name in ("Amina", "Bo", "Chi"):
        call.arrive(name)

    assert names(lea.get(LIST)) == ["Chi", "Bo", "Amina"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("oldest", ["bo", "Amina", "Chi"]),
        ("name", ["Amina", "bo", "Chi"]),
        ("score", ["bo", "Chi", "Amina"]),
        ("least_read", ["Chi", "Amina", "bo"]),
    ],
)
def test_other_orders(lea, call, sort, order):
    stands = {"bo": (3, 4), "Amina": (2, None), "Chi": (1, 2)}
    for name, (readings, score) in stands.items():
        application = call.arrive(name)
        Standing.objects.unsealed(ALL).filter(application=application).update(
            readings=readings, corrected=score
        )

    assert names(lea.get(LIST, {"sort": sort})) == order


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("amina", ["Amina Yusuf"]),
        ("green", ["Bo"]),
        ("bo@example", ["Bo"]),
        ("yusuf AMINA", ["Amina Yusuf"]),
        ("nobody", []),
        ("%", []),
    ],
)
def test_searching(lea, call, q, found):
    call.arrive("Amina Yusuf")
    call.arrive("Bo", organisation="Green Hub")

    assert names(lea.get(LIST, {"q": q})) == found


def test_searching_by_code(lea, call):
    call.arrive("Amina")
    bo = call.arrive("Bo")

    assert names(lea.get(LIST, {"q": bo.code.lower()})) == ["Bo"]


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("undecided", ["Amina"]),
        ("pending", ["Bo"]),
        ("offered", ["Chi"]),
        ("accepted", ["Dee"]),
        ("waitlisted", ["Eve"]),
        ("withdrawn", ["Fin"]),
        ("nonsense", ["Eve", "Dee", "Chi", "Bo", "Amina"]),
    ],
)
def test_filtering(lea, call, birch, now, state, found):
    people = {n: call.arrive(n) for n in ("Amina", "Bo", "Chi", "Dee", "Eve", "Fin")}
    deciding.decide(
        call.intake, [people["Bo"].pk], outcome="offered", by=birch.lea, now=now
    )
    told = Application.objects.unsealed(ALL)
    told.filter(called="Chi").update(outcome="offered", released_at=now)
    told.filter(called="Dee").update(
        outcome="offered", released_at=now, reply="accepted", replied_at=now
    )
    told.filter(called="Eve").update(outcome="waitlisted", released_at=now)
    told.filter(called="Fin").update(state="withdrawn", withdrawn_at=now)

    page = lea.get(LIST, {"state": state})

    assert names(page) == found
    assert "not decided (1)" in page.content.decode()


def scored(call, name, **scores):
    application = call.arrive(name)
    Standing.objects.unsealed(ALL).filter(application=application).update(
        readings=2, **scores
    )
    return application


def test_scores_are_without_severity_and_as_given_on_demand(lea, call):
    scored(call, "Amina", score=3.1, corrected=2.75, surely_from=2.4, surely_to=3.05)

    usual = lea.get(LIST).content.decode()
    as_given = lea.get(LIST, {"scores": "given"}).content.decode()

    assert "2.75" in usual
    assert "2.40–3.05" in usual
    assert "3.10" not in usual
    assert "3.10" in as_given
    assert "2.75" not in as_given


def test_a_score_that_is_not_reckoned_with_yet_is_not_shown_raw(lea, call):
    application = scored(call, "Amina", score=3.1)

    page = lea.get(LIST).content.decode()
    one = lea.get(f"{LIST}{application.pk}/").content.decode()

    assert ">soon<" in page
    assert "3.10" not in page
    assert "is being worked out" in one


def test_one_application_tells_its_score_with_the_range(lea, call):
    application = scored(
        call, "Amina", score=3.1, corrected=2.75, surely_from=2.4, surely_to=3.05
    )

    page = lea.get(f"{LIST}{application.pk}/").content.decode()

    assert "2.75 from 2 readings" in page
    assert "between 2.40 and 3.05" in page
    assert page.index("As it was given") < page.index("3.10")


@pytest.mark.parametrize("sort", ["newest", "oldest", "name", "score", "least_read"])
def test_paging_there_and_back_meets_everyone_once(lea, call, sort):
    for n in range(120):
        call.arrive(f"Person{n:03}")

    seen, url, pages = [], f"{LIST}?sort={sort}", []
    while url:
        page = lea.get(url)
        pages.append(names(page))
        seen += pages[-1]
        following = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        url = LIST + following.group(1).replace("&amp;", "&") if following else ""
    back = re.search(r'rel="prev" href="([^"]+)"', page.content.decode()).group(1)

    assert sorted(seen) == [f"Person{n:03}" for n in range(120)]
    assert [len(p) for p in pages] == [50, 50, 20]
    assert names(lea.get(LIST + back.replace("&amp;", "&"))) == pages[1]


@pytest.mark.parametrize("mark", ["x", "bm9uc2Vuc2U", "WyJ4IiwgInkiXQ", "W10"])
def test_an_invented_place_in_the_list_shows_its_beginning(lea, call, mark):
    call.arrive("Amina")

    assert names(lea.get(LIST, {"after": mark})) == ["Amina"]


@pytest.mark.parametrize("rows", [1, 30])
def test_the_list_costs_the_same_however_long(
    lea, call, rows, django_assert_num_queries
):
    for n in range(rows):
        call.arrive(f"Person{n}")

    with django_assert_num_queries(7):
        lea.get(LIST)


@pytest.mark.parametrize("query", ["?q=per&state=pending&sort=score", "?sort=name"])
def test_searching_costs_no_more(lea, call, query, django_assert_max_num_queries):
    call.arrive("Person")

    with django_assert_max_num_queries(10):
        lea.get(LIST + query)


def test_a_reviewer_finds_no_list(client, call, birch):
    application = call.arrive("Amina")
    client.force_login(birch.rex)

    assert client.get(LIST).status_code == 404
    assert client.get(f"{LIST}{application.pk}/").status_code == 404
    assert client.get("/f/calls/mangrove/applications.csv").status_code == 404


def exported(client, query=""):
    page = client.get(f"/f/calls/mangrove/applications.csv{query}")
    return list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))


def test_the_export_is_safe_for_spreadsheets(lea, call):
    call.arrive('=HYPERLINK("http://x")', email="", organisation="+49")

    (row,) = exported(lea)

    assert (row["name"], row["organisation"]) == ('\'=HYPERLINK("http://x")', "'+49")


def test_sensitive_answers_and_traits_are_exported_only_when_asked(lea, call, birch):
    secret = Question.objects.create(
        intake=call.intake,
        label="Health",
        sensitive=True,
        visible_to_reviewers=False,
        position=90,
    )
    application = call.arrive("Amina", answers={secret.pk: ("asthma", ())})
    TraitAnswer.objects.create(
        program=birch.program,
        application=application,
        trait=call.traits["gender"],
        value="woman",
    )

    (plain,) = exported(lea, "?with=traits&with=sensitive")
    asked = {"kind": "csv", "traits": "on", "sensitive": "on", "reason": "Balance"}
    page = lea.post("/f/calls/mangrove/applications/take/", asked)
    (whole,) = csv.DictReader(io.StringIO(page.content.decode("utf-8-sig")))

    assert "asthma" not in plain.values()
    assert "woman" not in plain.values()
    assert (whole["Health"], whole["Gender"]) == ("asthma", "woman")


def test_the_export_follows_the_search(lea, call):
    call.arrive("Amina")
    call.arrive("Bo")

    assert [row["name"] for row in exported(lea, "?q=bo")] == ["Bo"]


def test_one_application_shows_everything_to_a_lead(lea, call, birch):
    application = call.arrive("Amina Yusuf", organisation="Tools", ties=["Oma"])

    page = lea.get(f"{LIST}{application.pk}/").content.decode()

    for shown in ("Amina Yusuf", "Tools", "Oma", "amina@example.net", "mine"):
        assert shown in page


def test_one_application_takes_few_queries(lea, call, django_assert_max_num_queries):
    application = call.arrive("Amina Yusuf")

    with django_assert_max_num_queries(10):
        lea.get(f"{LIST}{application.pk}/")


def test_nothing_matches(lea, call):
    assert b"Nothing matches." in lea.get(LIST, {"q": "zzz"}).content


def test_an_empty_call_says_what_to_do(lea, call):
    assert b"No applications yet." in lea.get(LIST).content


def test_what_people_typed_cannot_become_markup(lea, call):
    call.arrive('<script>alert("x")</script>', organisation="a & <b>")

    page = lea.get(LIST).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&quot;x&quot;)" in page
    assert "a &amp; &lt;b&gt;" in page
