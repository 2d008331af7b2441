"""What reviewers read of an application when a lead hides a word, or its writer
changes it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cohorts.arrivals import HIDDEN, Arrival, blind
from cohorts.models import Answer, BlindCopy, EarlierCopy, Question, Redaction, Review
from cohorts.rights import must_lead
from people.models import User, record
from people.refusal import Refused

MOST_WORDS = 40
SHORTEST = 2


def hidden_words(copy: BlindCopy, *, by: User) -> list[str]:
    found = Redaction.objects.visible_to(by).filter(copy=copy).first()
    return found.words if found else []


@transaction.atomic
def redact(
    copy: BlindCopy, *, words: Sequence[str], by: User, now: datetime
) -> BlindCopy:
    """Hide exactly these words from reviewers, wherever they stand.

    What was hidden before and is not among them shows again: the copy is made anew
    from the answers. What reviewers saw before is not kept anywhere.
    """
    must_lead(by, copy.program)
    words = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    if len(words) > MOST_WORDS:
        raise Refused(_("That is more than a reader could follow; hide fewer words."))
    if any(len(word) < SHORTEST for word in words):
        raise Refused(_("A single letter stands in every word; give a longer one."))
    copy = _locked(copy)
    rows = Redaction.objects.unsealed("the words hidden in one copy")
    rows.update_or_create(
        copy=copy,
        defaults={
            "program_id": copy.program_id,
            "words": words,
            "changed_at": now,
        },
    )
    copy.texts, copy.offers = _texts(copy, words)
    copy.save(update_fields=["texts", "offers"])
    # An earlier text would show what is hidden now.
    EarlierCopy.objects.unsealed("it would show what is hidden now").filter(
        copy=copy
    ).delete()
    record("copy.redact", by=by, about=copy, place=copy.program_id)
    return copy


@transaction.atomic
def renew(copy: BlindCopy, *, now: datetime) -> BlindCopy:
    """The applicant changed their answers: reviewers read the new text.

    The old one is kept beside it while somebody has begun or read it, so that they
    see what changed since.
    """
    copy = _locked(copy)
    found = Redaction.objects.unsealed("words hidden in one copy stay hidden")
    redaction = found.filter(copy=copy).first()
    texts, offers = _texts(copy, redaction.words if redaction else [])
    if (texts, offers) == (copy.texts, copy.offers):
        return copy
    read = Review.objects.unsealed("whether anybody read the text that was")
    if read.filter(copy=copy).exclude(state=Review.State.ASSIGNED).exists():
        EarlierCopy.objects.create(
            program_id=copy.program_id,
            copy=copy,
            texts=copy.texts,
            offers=copy.offers,
            until=now,
        )
    copy.texts, copy.offers, copy.changed_at = texts, offers, now
    copy.save(update_fields=["texts", "offers", "changed_at"])
    return copy


def seen_by(review: Review, *, by: User) -> EarlierCopy | None:
    """The text as it was when this reviewer wrote last, if it has changed since."""
    return (
        EarlierCopy.objects.visible_to(by)
        .filter(copy=review.copy_id, until__gt=review.changed_at)
        .order_by("until", "pk")
        .first()
    )


def _locked(copy: BlindCopy) -> BlindCopy:
    rows = BlindCopy.objects.unsealed("the copy of one application is made anew")
    return (
        rows.select_for_update(of=("self",))
        .select_related("application", "intake")
        .get(pk=copy.pk)
    )


def _texts(copy: BlindCopy, words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    application = copy.application
    answers = Answer.objects.unsealed("the copy is made from the answers")
    questions: Mapping[object, Question] = {
        one.pk: one for one in copy.intake.questions.all()
    }
    arrival = Arrival(
        called=application.called,
        organisation=application.organisation,
        email=application.email,
        answers={
            one.question_id: (one.text, one.chosen)
            for one in answers.filter(application=application)
        },
    )
    texts = blind(arrival, questions)  # type: ignore[arg-type]
    if not words:
        return texts, list(application.offers)
    pattern = _pattern(words)
    return (
        {key: pattern.sub(HIDDEN, text) for key, text in texts.items()},
        [pattern.sub(HIDDEN, offer) for offer in application.offers],
    )


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(
        r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)",
        re.IGNORECASE,
    )
