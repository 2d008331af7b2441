"""What reviewers read when a word is hidden, or the applicant changes it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cohorts import redacting, reviewing
from cohorts.models import Answer, BlindCopy, EarlierCopy, Redaction, Review
from cohorts.reviewing import Given
from people.refusal import Refused

ALL = "the test looks at everything"


@pytest.fixture
def copy(call):
    said = "I am the mayor of Kibera, Amina. The Mayor decides."
    application = call.arrive(
        "Amina Yusuf",
        answers={call.questions[0].pk: (said, ())},
        offers=["mayoral advice", "the mayor's ear"],
    )
    return BlindCopy.objects.unsealed(ALL).get(application=application)


def text(copy):
    copy.refresh_from_db()
    (only,) = copy.texts.values()
    return only


def given(call):
    return {c.pk: Given(3, "because they say so") for c in call.criteria}


def changed(copy, words, at):
    Answer.objects.unsealed(ALL).update(text=words)
    return redacting.renew(copy, now=at)


def test_a_word_is_hidden_wherever_it_stands(copy, birch, now):
    redacting.redact(copy, words=["Mayor", "Kibera"], by=birch.lea, now=now)

    assert text(copy) == "I am the […] of […], […]. The […] decides."
    assert copy.offers == ["mayoral advice", "the […]'s ear"]


def test_what_is_no_longer_hidden_shows_again(copy, birch, now):
    redacting.redact(copy, words=["Mayor"], by=birch.lea, now=now)
    redacting.redact(copy, words=["Kibera"], by=birch.lea, now=now)

    assert text(copy) == "I am the mayor of […], […]. The Mayor decides."


def test_the_words_themselves_are_for_leads_only(copy, birch, now):
    redacting.redact(copy, words=["Kibera"], by=birch.lea, now=now)

    assert redacting.hidden_words(copy, by=birch.lea) == ["Kibera"]
    assert list(Redaction.objects.visible_to(birch.rex)) == []


def test_signs_of_patterns_are_words_like_any(copy, birch, now):
    redacting.redact(copy, words=["(.*)", "Kibera"], by=birch.lea, now=now)

    assert "mayor" in text(copy)


@pytest.mark.parametrize("words", [["a"], [f"word{n}" for n in range(50)]])
def test_too_short_and_too_many_are_refused(copy, birch, now, words):
    with pytest.raises(Refused):
        redacting.redact(copy, words=words, by=birch.lea, now=now)


def test_only_a_lead_hides(copy, birch, now):
    with pytest.raises(PermissionDenied):
        redacting.redact(copy, words=["Kibera"], by=birch.rex, now=now)


# --- Changed by its applicant -------------------------------------------------------


def test_a_change_keeps_what_was_read_beside_it(call, copy, birch, now):
    reviewing.finish(copy, by=birch.rex, given=given(call), now=now)

    changed(copy, "I lead a clinic now.", now + timedelta(hours=1))

    review = Review.objects.unsealed(ALL).get()
    earlier = redacting.seen_by(review, by=birch.rex)
    assert text(copy) == "I lead a clinic now."
    assert "Kibera" in next(iter(earlier.texts.values()))


def test_of_several_changes_the_text_that_was_read_is_shown(call, copy, birch, now):
    reviewing.finish(copy, by=birch.rex, given=given(call), now=now)

    for hours, words in ((1, "Second."), (2, "Third.")):
        changed(copy, words, now + timedelta(hours=hours))

    earlier = redacting.seen_by(Review.objects.unsealed(ALL).get(), by=birch.rex)
    assert "Kibera" in next(iter(earlier.texts.values()))


def test_whoever_reads_anew_has_seen_the_new_text(call, copy, birch, now):
    reviewing.finish(copy, by=birch.rex, given=given(call), now=now)
    changed(copy, "Second.", now + timedelta(hours=1))

    reviewing.finish(
        copy, by=birch.rex, given=given(call), now=now + timedelta(hours=2)
    )

    review = Review.objects.unsealed(ALL).get()
    assert redacting.seen_by(review, by=birch.rex) is None


def test_whoever_sets_a_begun_reading_aside_still_sees_what_changed_since(
    call, copy, birch, now
):
    reviewing.save(copy, by=birch.rex, given=given(call), now=now)
    changed(copy, "Second.", now + timedelta(hours=1))

    for hours in (2, 3):
        reviewing.skip(copy, by=birch.rex, now=now + timedelta(hours=hours))

    review = Review.objects.unsealed(ALL).get()
    assert (review.state, review.changed_at) == ("skipped", now)
    assert redacting.seen_by(review, by=birch.rex) is not None


def test_what_nobody_read_is_not_kept(copy, now):
    changed(copy, "Second.", now)

    assert EarlierCopy.objects.unsealed(ALL).count() == 0


def test_a_change_that_is_none_changes_nothing(copy, now):
    redacting.renew(copy, now=now)

    copy.refresh_from_db()
    assert copy.changed_at is None


def test_hidden_words_stay_hidden_in_the_new_text(copy, birch, now):
    redacting.redact(copy, words=["Kibera"], by=birch.lea, now=now)

    changed(copy, "Kibera is home.", now)

    assert text(copy) == "[…] is home."


def test_hiding_leaves_no_earlier_text_behind(call, copy, birch, now):
    reviewing.finish(copy, by=birch.rex, given=given(call), now=now)
    changed(copy, "Kibera is home.", now + timedelta(hours=1))

    redacting.redact(copy, words=["Kibera"], by=birch.lea, now=now)

    assert EarlierCopy.objects.unsealed(ALL).count() == 0
