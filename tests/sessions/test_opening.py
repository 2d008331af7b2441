"""Who joins later reads nothing from before, unless its author opens it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cohorts import joining
from people.refusal import Refused
from sessions import opening, posting
from sessions.models import OpenedPost, Post
from tests.conftest import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(birch, now):
    made = posting.post(
        by=birch.ada, kind=Post.Kind.UPDATE, title="The ledger works", text="At last."
    )
    return made


@pytest.fixture
def nia(birch, post, now):
    """She takes Ben's place a day later."""
    new = person("nia")
    letter = joining.replace(birch.ben, to=new.email, by=birch.sol.person)
    return joining.accept(letter, by=new, now=post.written_at + timedelta(days=1))


def read_by(who):
    return list(
        OpenedPost.objects.visible_to(who.person).values_list("title", flat=True)
    )


def test_who_takes_a_place_reads_nothing_before_it_is_opened(birch, post, nia, now):
    before = Post.objects.visible_to(nia.person).exists(), read_by(nia)

    opening.open_to_all(post, by=birch.ada, now=now)

    assert before == (False, [])
    assert not Post.objects.visible_to(nia.person).exists()
    assert read_by(nia) == ["The ledger works"]
    assert read_by(birch.oma) == []
    assert not OpenedPost.objects.visible_to(birch.lea).exists()


def test_opening_twice_opens_once_and_can_be_taken_back(birch, post, nia, now):
    first = opening.open_to_all(post, by=birch.ada, now=now)
    again = opening.open_to_all(post, by=birch.ada, now=now)

    opening.take_back(post, by=birch.ada)
    opening.take_back(post, by=birch.ada)

    assert first == again
    assert read_by(nia) == []


@pytest.mark.parametrize("who", ["ben", "sol"])
def test_nobody_opens_what_another_wrote(birch, post, who, now):
    by = getattr(birch, who)

    with pytest.raises(PermissionDenied):
        opening.open_to_all(post, by=by, now=now)
    with pytest.raises(PermissionDenied):
        opening.take_back(post, by=by)


def test_in_a_finished_cohort_nothing_more_is_opened(birch, post, now):
    post.cohort = joining.finish(birch.cohort, by=birch.lea)

    with pytest.raises(Refused):
        opening.open_to_all(post, by=birch.ada, now=now)


def test_by_form_and_as_the_newcomer_sees_it(client, birch, post, nia):
    client.force_login(birch.ada.person)
    client.post(f"/c/birch/posts/{post.pk}/open/", {"act": "open"})
    mine = client.get(post.get_absolute_url()).content.decode()
    client.force_login(nia.person)

    page = client.get("/c/birch/opened/").content.decode()
    hidden = client.get(post.get_absolute_url())
    stolen = client.post(f"/c/birch/posts/{post.pk}/open/", {"act": "take_back"})

    assert "Everyone in the cohort reads this" in mine
    assert "At last." in page
    assert (hidden.status_code, stolen.status_code) == (404, 404)


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_costs_the_same_however_long(
    client, birch, rows, now, django_assert_num_queries
):
    for n in range(rows):
        made = posting.post(by=birch.ada, kind="update", title=f"Post {n}")
        opening.open_to_all(made, by=birch.ada, now=now)
    client.force_login(birch.ben.person)
    client.get("/c/birch/opened/")

    with django_assert_num_queries(5):
        client.get("/c/birch/opened/")
