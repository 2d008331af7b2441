"""How a proposal ends: adopted, withdrawn, taken to a session; and begins again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from charters import lapsing, notices, values
from charters.amending.permits import (
    ACTING,
    Change,
    Draft,
    Parts,
    State,
    carry_on,
    clauses_in_force,
    fingerprint_of,
    hold,
    in_force,
    must_be_open,
    must_be_present,
    must_not_have_lapsed,
    must_steer,
    proposed_in,
)
from charters.amending.roll import Standing, open_round_of, standing
from charters.amending.wording import advice_on, propose
from charters.consent import ADVICE
from charters.models import (
    Amendment,
    CharterVersion,
    Clause,
    ConsentRound,
    ProposedClause,
    QuarterlyReview,
    Remark,
    Steers,
    day_in,
    months_after,
)
from cohorts.models import Cohort, Membership
from people import outbox
from people.models import record
from people.prepared import prepared
from people.refusal import Refused

# --- Ways out --------------------------------------------------------------------


@transaction.atomic
def withdraw(amendment: Amendment, *, by: Membership, now: datetime) -> Amendment:
    """Take a proposal back. Only the proposer, or whoever carries it on."""
    amendment = hold(amendment)
    must_be_present(by, amendment.cohort_id)
    if amendment.state == State.WITHDRAWN:
        return amendment
    if amendment.state != State.SENT_TO_SESSION:
        must_be_open(amendment)
    if amendment.proposer_id != by.pk and amendment.proposer.left_at is None:
        raise Refused(_("Only the person who proposed this can withdraw it."))
    carry_on(amendment, by)
    close(amendment, State.WITHDRAWN, now=now)
    record("amendment.withdraw", by=by.person, about=amendment, place=by.cohort_id)
    return amendment


@transaction.atomic
def send_to_session(
    amendment: Amendment, *, by: Membership, now: datetime
) -> Amendment:
    """Writing is not enough: keep it for a session, where people can talk."""
    amendment = hold(amendment)
    must_be_present(by, amendment.cohort_id)
    if amendment.state == State.SENT_TO_SESSION:
        return amendment
    must_be_open(amendment)
    must_steer(amendment, by)
    close(amendment, State.SENT_TO_SESSION, now=now)
    record("amendment.send", by=by.person, about=amendment, place=by.cohort_id)
    return amendment


@prepared
def waiting_for_a_session(viewer: Any, cohort: Cohort) -> QuerySet[Amendment]:
    """Went to a session, and nobody has taken their words up since."""
    taken_up = (
        Amendment.objects.unsealed("whether its words were taken up")
        .filter(follows=OuterRef("pk"))
        .exclude(state=State.WITHDRAWN)
    )
    return (
        Amendment.objects.visible_to(viewer)
        .filter(~Exists(taken_up), cohort=cohort, state=State.SENT_TO_SESSION)
        .select_related("proposer__person")
        .order_by("closed_at", "pk")
    )


@transaction.atomic
def taken_to_session(amendment: Amendment, *, now: datetime) -> None:
    """By the clock: three rounds are over and an objection stands."""
    amendment = hold(amendment)
    if not amendment.is_deciding:
        return
    close(amendment, State.SENT_TO_SESSION, now=now)
    outbox.queue(
        notices.TAKEN_TO_SESSION,
        to=amendment.proposer.person,
        about=amendment,
        key=str(amendment.pk),
        send_after=now,
    )
    record("amendment.send", by=None, about=amendment, place=amendment.cohort_id)


def close(amendment: Amendment, state: str, *, now: datetime) -> None:
    amendment.state, amendment.closed_at = state, now
    amendment.save(update_fields=["state", "closed_at"])
    ConsentRound.objects.unsealed(ACTING).open().filter(amendment=amendment).update(
        closed_at=now
    )
    ProposedClause.objects.unsealed(ACTING).filter(amendment=amendment).update(
        held=False
    )


@transaction.atomic
def take_up_again(amendment: Amendment, *, by: Membership, now: datetime) -> Amendment:
    """A new proposal with the words of one that went to a session or was withdrawn.

    While one is open, taking up again gives that one.
    """
    amendment = hold(amendment)
    must_be_present(by, amendment.cohort_id)
    if amendment.state not in (State.SENT_TO_SESSION, State.WITHDRAWN):
        raise Refused(_("Only a proposal that is over can be taken up again."))
    already = (
        Amendment.objects.unsealed(ACTING).open().filter(follows=amendment).first()
    )
    if already is not None:
        return already
    current = clauses_in_force(amendment.cohort)
    drafts = []
    for p in proposed_in(amendment):
        if p.key not in current:
            if p.is_removed:
                continue
            p.change = Change.NEW
        drafts.append(
            Draft(
                change=p.change,
                key=p.key if p.key in current else uuid4(),
                section=p.section,
                title=p.title,
                text=p.text,
                lang=p.lang,
                steers=p.steers,
                value=p.value,
            )
        )
    return propose(
        by=by,
        clauses=drafts,
        title=amendment.title,
        why=amendment.why,
        lang=amendment.lang,
        follows=amendment,
        now=now,
    )


# --- Adopting --------------------------------------------------------------------


@transaction.atomic
def adopt(
    amendment: Amendment, *, by: Membership | None, now: datetime
) -> CharterVersion:
    """Make the next version of the charter, if the circle has consented to this text.

    `by` is None when the clock adopts at the end of the window. Adopting twice gives
    the same version.
    """
    amendment = hold(amendment)
    if amendment.state == State.ADOPTED:
        return CharterVersion.objects.unsealed(ACTING).get(amendment=amendment)
    must_be_open(amendment)
    if by is not None:
        must_be_present(by, amendment.cohort_id)
        must_steer(amendment, by)
    must_not_have_lapsed(amendment.cohort)
    asked = open_round_of(amendment)
    stands = standing(asked, now=now)
    if stands.blocked:
        raise Refused(
            _("An objection stands. Take it into the text, or talk about it together.")
        )
    if not stands.passed:
        raise Refused(
            _("Too few are for it. Change the words, or talk about it together.")
            if stands.lacks_support
            else _("Not everybody has answered yet.")
        )
    if asked.rule == ADVICE.code and _unused_advice(amendment):
        raise Refused(_("Say first what you made of each piece of advice."))
    clauses = proposed_in(amendment)
    assert fingerprint_of([p.as_parts for p in clauses]) == asked.text_hash
    about_reviews = any(p.steers == Steers.REVIEW for p in clauses)
    before = _months_of(amendment.cohort) if about_reviews else 0
    version = _next_version(amendment, clauses, stands, now=now)
    close(amendment, State.ADOPTED, now=now)
    if version.number > 1 and about_reviews:
        months = _months_of(amendment.cohort)
        lapsing.plan_anew(amendment.cohort, months=months, before=before, now=now)
    if version.number == 1:
        months = _months_of(amendment.cohort)
        QuarterlyReview.objects.create(
            cohort_id=amendment.cohort_id,
            charter=amendment.charter,
            due_on=months_after(day_in(amendment.cohort, now), months),
        )
    for member in stands.members:
        outbox.queue(
            notices.VERSION_ADOPTED,
            to=member.person,
            about=version,
            key=str(version.pk),
            send_after=now,
        )
    record(
        "amendment.adopt",
        by=by.person if by else None,
        about=amendment,
        place=amendment.cohort_id,
    )
    return version


def _months_of(cohort: Cohort) -> int:
    return values.values_of(cohort).review.months


def _unused_advice(amendment: Amendment) -> bool:
    used = Remark.objects.unsealed(ACTING).filter(about=OuterRef("pk"))
    return advice_on(amendment).exclude(Exists(used)).exists()


def _next_version(
    amendment: Amendment,
    proposed: Sequence[ProposedClause],
    stands: Standing,
    *,
    now: datetime,
) -> CharterVersion:
    last = in_force(amendment.cohort)
    number = last.number + 1 if last else 1
    kept: list[dict[str, Any]] = []
    if last:
        kept = [
            {**clause.as_parts, "since": clause.since}
            for clause in Clause.objects.unsealed(ACTING).of(last)
        ]
    texts = merged(kept, [p.as_parts for p in proposed], number=number)
    version = CharterVersion.objects.create(
        cohort_id=amendment.cohort_id,
        charter=amendment.charter,
        number=number,
        adopted_at=now,
        fingerprint=fingerprint_of(texts),
        amendment=amendment,
        title=amendment.title,
        asked=len(stands.members),
        consented=len(stands.outcome.consents),
        concerned=len(stands.outcome.concerns),
        silent=len(stands.outcome.silent),
    )
    Clause.objects.bulk_create(
        Clause(cohort_id=amendment.cohort_id, version=version, number=n, **parts)
        for n, parts in enumerate(texts, start=1)
    )
    return version


def merged(
    kept: Sequence[Parts], proposed: Sequence[Parts], *, number: int
) -> list[dict[str, Any]]:
    """The clauses of the next version, in order.

    Changed clauses keep their place, unless they change their section; those and new
    ones follow the last of their section. Sections stand in the order they first come.
    """
    texts = [dict(parts) for parts in kept]
    for parts in proposed:
        fresh = {name: v for name, v in parts.items() if name != "change"}
        fresh["since"] = number
        place = next((n for n, t in enumerate(texts) if t["key"] == parts["key"]), None)
        stays = place is not None and texts[place]["section"] == parts["section"]
        if stays and place is not None and parts["change"] != Change.REMOVED:
            texts[place] = fresh
            continue
        if place is not None:
            del texts[place]
        if parts["change"] == Change.REMOVED:
            continue
        same = [n for n, t in enumerate(texts) if t["section"] == parts["section"]]
        texts.insert(same[-1] + 1 if same else len(texts), fresh)
    return texts
