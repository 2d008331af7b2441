import pytest

from library import curation, searching


class Anyone:
    is_authenticated = False


@pytest.fixture
def shelf(birch):
    def put(title, by=birch.ada, **more):
        return curation.keep(by=by, title=title, **more)

    birch.card = put(
        "The referral card", body="Nurses stamp it", kind="playbook", tags=("health",)
    )
    birch.ledger = put("A ledger you can sing", language="en", tags=("savings",))
    birch.fiche = put("Les infirmières tamponnent la fiche", language="fr")
    birch.other = put("Oak keeps a referral list", by=birch.oma)
    return birch


def titles(found):
    return [row.title for row in found.rows]


def test_words_are_found_in_their_own_language_by_their_stems(shelf):
    found = searching.search(shelf.ben.person, words="infirmière")

    assert titles(found) == ["Les infirmières tamponnent la fiche"]


def test_the_title_counts_more_than_the_text(shelf):
    curation.keep(by=shelf.ben, title="Nurse by nurse")

    found = searching.search(shelf.ben.person, words="nurse")

    assert titles(found) == ["Nurse by nurse", "The referral card"]


def test_another_cohort_s_words_are_found_once_they_are_published(shelf):
    assert titles(searching.search(shelf.ada.person, words="oak")) == []

    curation.publish(
        shelf.other, audience="program", by=shelf.oma.person, attribution="Oma"
    )

    assert titles(searching.search(shelf.ada.person, words="oak")) == [
        "Oak keeps a referral list"
    ]


def test_the_public_page_finds_public_copies_and_nothing_else(shelf):
    curation.publish(
        shelf.card, audience="public", by=shelf.ada.person, attribution="Ada"
    )

    assert titles(searching.search(Anyone())) == ["The referral card"]


def test_facets_narrow_and_count_with_the_others_applied(shelf):
    found = searching.search(shelf.ben.person, chosen={"language": ["en"]})

    assert {f.value: f.count for f in found.facets["language"]} == {"en": 2, "fr": 1}
    assert {f.value: f.count for f in found.facets["tag"]} == {
        "health": 1,
        "savings": 1,
    }
    assert found.total == 2


@pytest.mark.parametrize(
    "words",
    ["%", "_", "'", ":*", "a" * 10_000, "!&|()", "\u202eمرحبا abc", "<script>", '"'],
)
def test_whatever_is_typed_is_a_search_and_not_an_error(shelf, words):
    assert searching.search(shelf.ben.person, words=words).total == 0


@pytest.mark.parametrize("rows", [1, 30])
def test_the_page_costs_the_same_however_long(
    client, birch, rows, django_assert_max_num_queries
):
    for n in range(rows):
        curation.keep(by=birch.ada, title=f"Piece {n}", tags=("one", "two"))
    client.force_login(birch.ben.person)

    with django_assert_max_num_queries(6):
        page = client.get("/library/")

    assert page.content.decode().count("<article") == min(rows, 20)


def test_a_piece_and_its_copies_are_found_once_as_the_copy_that_went_furthest(shelf):
    for audience in ("program", "public"):
        curation.publish(
            shelf.card, audience=audience, by=shelf.ada.person, attribution="Ada"
        )

    found = searching.search(shelf.ben.person, words="referral")

    assert [row.shelf for row in found.rows] == ["public"]
    assert [facet.count for facet in found.facets["kind"]] == [1]
