"""Putting a text to the circle: the window, the question, each one's answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from charters import notices, values
from charters.amending.permits import (
    ACTING,
    State,
    TextChanged,
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
from charters.amending.roll import circle_of, is_asked, open_round_of
from charters.consent import (
    RULES,
)
from charters.models import (
    Amendment,
    Clause,
    Consent,
    ConsentRound,
    ProposedClause,
    Steers,
    Wording,
    sections_in_order,
)
from cohorts.models import Cohort, Membership
from people import outbox
from people.models import create_once, record
from people.refusal import Refused


@transaction.atomic
def open_round(
    amendment: Amendment,
    *,
    by: Membership,
    now: datetime,
    window: timedelta | None = None,
) -> ConsentRound:
    """Put the text to the circle. Pressing twice opens one round."""
    amendment = hold(amendment)
    must_be_present(by, amendment.cohort_id)
    must_be_open(amendment)
    must_steer(amendment, by)
    if amendment.is_deciding:
        return open_round_of(amendment)
    must_not_have_lapsed(amendment.cohort)
    clauses = proposed_in(amendment)
    _still_fits(amendment, clauses)
    for proposed in clauses:
        proposed.held = True
    ProposedClause.objects.unsealed(ACTING).bulk_update(clauses, ["held"])
    amendment.state = State.DECIDE
    amendment.save(update_fields=["state"])
    wording = _word(amendment, clauses, by=by, now=now)
    asked = ConsentRound.objects.create(
        cohort_id=amendment.cohort_id,
        amendment=amendment,
        number=1,
        wording=wording,
        text_hash=wording.text_hash,
        opens_at=now,
        closes_at=now + _window(amendment.cohort, window),
        **_how_to_decide(amendment, clauses),
    )
    _ask(amendment, asked, by=by, now=now)
    record("amendment.open_round", by=by.person, about=amendment, place=by.cohort_id)
    return asked


def _window(cohort: Cohort, window: timedelta | None = None) -> timedelta:
    usual = values.values_of(cohort).response.decision_window
    return max(ConsentRound.SHORTEST, window or usual)


def _how_to_decide(
    amendment: Amendment, clauses: Sequence[ProposedClause]
) -> dict[str, Any]:
    """What the round keeps of `how_to_decide`, with the version that says so."""
    current = clauses_in_force(amendment.cohort)
    how = how_to_decide(clauses, current.values())
    if not _anybody(amendment, how["asks"]):
        how["asks"] = values.Asks.EVERYONE.value
    if "clause" in how["grounds"]:
        version = in_force(amendment.cohort)
        assert version is not None  # its clause was read a moment ago
        how["grounds"]["version"] = version.number
    return how


def how_to_decide(
    proposed: Iterable[ProposedClause], in_force_now: Iterable[Clause]
) -> dict[str, Any]:
    """The rule in force for this text, whom it asks, and on what grounds. Pure.

    A clause that moves touches the section it leaves too. A change of how the circle
    decides touches every section that would decide in another way.
    """
    current = {clause.key: clause for clause in in_force_now}
    says = next((c for c in current.values() if c.steers == Steers.DECIDING), None)
    deciding = values.read(Steers.DECIDING.value, says.value if says else {})
    touched = set()
    for p in proposed:
        touched.add(p.section)
        if p.key in current:
            touched.add(current[p.key].section)
        if p.steers == Steers.DECIDING:
            then = {} if p.is_removed else p.value
            touched |= deciding.differs_in(values.read(p.steers, then))
    grounds: dict[str, Any] = {"sections": sections_in_order(touched)}
    if says:
        grounds["clause"] = says.number
    known = deciding.support in values.Support.values
    return {
        "rule": deciding.rule_for(touched),
        "silence_counts": deciding.silence_counts,
        "asks": deciding.asked_for(touched),
        "support": deciding.support if known else values.Support.TWO_THIRDS.value,
        "grounds": grounds,
    }


def _anybody(amendment: Amendment, asks: str) -> bool:
    here = Membership.objects.active().filter(cohort=amendment.cohort_id)
    if asks != values.Asks.EVERYONE:
        here = here.filter(role=asks)
    return here.exists()


def _still_fits(amendment: Amendment, clauses: Sequence[ProposedClause]) -> None:
    """Refuse a text that no longer fits the charter or meets another decision."""
    current = clauses_in_force(amendment.cohort)
    leaving = {p.key for p in clauses if p.is_removed}
    steered = {c.steers for c in current.values() if c.steers and c.key not in leaving}
    for proposed in clauses:
        known = current.get(proposed.key)
        if proposed.is_new:
            if proposed.steers and proposed.steers in steered:
                raise Refused(
                    _("Another clause already says this to Cohortsite: %(title)s.")
                    % {"title": proposed.title}
                )
            steered |= {proposed.steers} - {""}
        elif known is None:
            raise Refused(
                _(
                    "“%(title)s” was taken out of the charter meanwhile. Propose it as "
                    "a new clause, or leave it out."
                )
                % {"title": proposed.title}
            )
        elif fingerprint_of([known.as_parts]) != proposed.based_on:
            raise Refused(
                _(
                    "“%(title)s” was changed in the charter meanwhile. Look at both "
                    "texts before you ask the circle."
                )
                % {"title": proposed.title}
            )
    meets = (
        ProposedClause.objects.unsealed(ACTING)
        .filter(cohort_id=amendment.cohort_id, held=True)
        .exclude(amendment=amendment)
        .filter(
            Q(key__in=[p.key for p in clauses])
            | Q(steers__in=[p.steers for p in clauses if p.is_new and p.steers])
        )
        .first()
    )
    if meets is not None:
        raise Refused(
            _(
                "Another change to “%(title)s” is being decided. Wait until it is "
                "over, then look at both."
            )
            % {"title": meets.title}
        )


def _word(
    amendment: Amendment,
    clauses: Sequence[ProposedClause],
    *,
    by: Membership,
    now: datetime,
) -> Wording:
    parts = [p.as_parts for p in clauses]
    return Wording.objects.create(
        cohort_id=amendment.cohort_id,
        amendment=amendment,
        number=Wording.objects.unsealed(ACTING).filter(amendment=amendment).count() + 1,
        text_hash=fingerprint_of(parts),
        clauses=parts,
        worded_by=by,
        worded_at=now,
    )


def _ask(
    amendment: Amendment,
    asked: ConsentRound,
    *,
    by: Membership,
    now: datetime,
    mended_for: Collection[UUID] = (),
) -> None:
    """The proposer consents by proposing; everyone else hears of it once.

    Whose objection the text took in is asked whether that mends it.
    """
    if by.pk == amendment.proposer_id and is_asked(by, asked):
        Consent.objects.create(
            cohort_id=amendment.cohort_id,
            round=asked,
            member=by,
            kind=Consent.Kind.CONSENT,
            text_hash=asked.text_hash,
            given_at=now,
        )
    for member in circle_of(asked):
        if member.pk != by.pk:
            outbox.queue(
                notices.OBJECTION_MENDED
                if member.pk in mended_for
                else notices.ROUND_OPENED,
                to=member.person,
                about=asked,
                key=f"{asked.pk}:{asked.wording.number}",
                send_after=now,
                not_after=asked.closes_at,
            )


def ask_again(
    amendment: Amendment,
    asked: ConsentRound,
    *,
    by: Membership,
    now: datetime,
    taken_in: Collection[Consent] = (),
) -> ConsentRound:
    """The text changed: all answers to the old one are void, a fresh window opens.

    Objections that it takes in open the next round.
    """
    next_round = bool(taken_in)
    clauses = proposed_in(amendment)
    wording = _word(amendment, clauses, by=by, now=now)
    earlier = Consent.objects.unsealed(ACTING).filter(round=asked, voided_at=None)
    earlier.filter(pk__in=[one.pk for one in taken_in]).update(integrated_by=wording)
    earlier.update(voided_at=now)
    closes_at = now + _window(amendment.cohort)
    how = _how_to_decide(amendment, clauses)
    if next_round:
        asked.closed_at = now
        asked.save(update_fields=["closed_at"])
        asked = ConsentRound.objects.create(
            cohort_id=amendment.cohort_id,
            amendment=amendment,
            number=asked.number + 1,
            wording=wording,
            text_hash=wording.text_hash,
            opens_at=now,
            closes_at=closes_at,
            **how,
        )
    else:
        asked.wording, asked.text_hash = wording, wording.text_hash
        asked.opens_at, asked.closes_at = now, closes_at
        asked.paused_for = timedelta()
        for name, value in how.items():
            setattr(asked, name, value)
        asked.save(
            update_fields=[
                *("wording", "text_hash", "opens_at", "closes_at", "paused_for"),
                *how,
            ]
        )
    _ask(
        amendment,
        asked,
        by=by,
        now=now,
        mended_for=[one.member_id for one in taken_in],
    )
    return asked


@transaction.atomic
def answer(
    asked: ConsentRound,
    *,
    by: Membership,
    kind: str,
    text_hash: str,
    now: datetime,
    reason: str = "",
    harm: str = "",
    fix: str = "",
    lang: str = "",
    client_key: UUID | None = None,
) -> Consent:
    """One member's answer to the text they read. Answering again replaces it.

    Raises TextChanged when the round asks about another text by now.
    """
    must_be_present(by, asked.cohort_id)
    amendment = hold(asked.amendment)
    asked = (
        ConsentRound.objects.unsealed(ACTING).select_related("wording").get(pk=asked.pk)
    )
    if not amendment.is_deciding:
        raise Refused(_("This is decided already; your answer came too late."))
    must_not_have_lapsed(amendment.cohort)
    if asked.closed_at is not None or text_hash != asked.text_hash:
        raise TextChanged(
            _("The text was changed while you were answering. Look at what is new.")
        )
    if not is_asked(by, asked):
        raise Refused(
            _(
                "This round was opened before you joined, so it does not wait for you. "
                "You may still ask and react."
            )
            if asked.asks in (values.Asks.EVERYONE.value, by.role)
            else _(
                "Our charter asks others about this section. You may still ask and "
                "react."
            )
        )
    if kind not in RULES[asked.rule].offers:
        raise Refused(_("That answer is not one that this decision asks for."))
    reason, harm, fix = reason.strip(), harm.strip(), fix.strip()
    if kind == Consent.Kind.OBJECT and not (reason and harm and fix):
        raise Refused(
            _(
                "An objection says why, what harm it fears for our purpose, and what "
                "would mend it."
            )
        )
    if kind == Consent.Kind.CONCERN and not reason:
        raise Refused(_("Write your concern down, so that it can be kept."))
    if kind != Consent.Kind.OBJECT:
        harm = fix = ""
    if kind not in (Consent.Kind.OBJECT, Consent.Kind.CONCERN):
        reason = ""
    given = Consent.objects.unsealed(ACTING).given_to(asked).filter(member=by).first()
    words = {
        "kind": kind,
        "reason": reason,
        "harm": harm,
        "fix": fix,
        "lang": lang,
        "given_at": now,
    }
    if given is None:
        given = _give(asked, by=by, client_key=client_key, words=words)
    else:
        for name, value in words.items():
            setattr(given, name, value)
        given.save(update_fields=list(words))
    if given.is_objection and amendment.proposer_id != by.pk:
        outbox.queue(
            notices.OBJECTION_RAISED,
            to=amendment.proposer.person,
            about=given,
            key=str(given.pk),
            send_after=now,
        )
    record("consent.answer", by=by.person, about=amendment, place=by.cohort_id)
    return given


@transaction.atomic
def take_back(asked: ConsentRound, *, by: Membership, now: datetime) -> None:
    """Unsay one's answer: as if it had not been given. Twice does it once."""
    must_be_present(by, asked.cohort_id)
    amendment = hold(asked.amendment)
    asked = ConsentRound.objects.unsealed(ACTING).get(pk=asked.pk)
    if not amendment.is_deciding or asked.closed_at is not None:
        raise Refused(_("This is decided already; answers stay as they are."))
    gone, _by_kind = (
        Consent.objects.unsealed(ACTING).given_to(asked).filter(member=by).delete()
    )
    if gone:
        record("consent.take_back", by=by.person, about=amendment, place=by.cohort_id)


def _give(
    asked: ConsentRound,
    *,
    by: Membership,
    client_key: UUID | None,
    words: Mapping[str, Any],
) -> Consent:
    values = {
        "cohort_id": asked.cohort_id,
        "round": asked,
        "member": by,
        "text_hash": asked.text_hash,
        **words,
    }
    given, _made = create_once(Consent, client_key=client_key, **values)
    if given.text_hash != asked.text_hash or given.voided_at is not None:
        # The page lived through a change of the text and brought its old key.
        given, _made = create_once(Consent, client_key=None, **values)
    return given


@transaction.atomic
def extend(amendment: Amendment, *, by: Membership, now: datetime) -> ConsentRound:
    """Give a round that ran out a fresh window; answers to the same text stay."""
    amendment = hold(amendment)
    must_be_present(by, amendment.cohort_id)
    must_be_open(amendment)
    must_steer(amendment, by)
    asked = open_round_of(amendment)
    if now < asked.closes_at:
        return asked
    must_not_have_lapsed(amendment.cohort)
    asked.closes_at = now + _window(amendment.cohort)
    if not _anybody(amendment, asked.asks):
        # All who were to decide have left: the circle decides.
        asked.asks = values.Asks.EVERYONE.value
    asked.save(update_fields=["closes_at", "asks"])
    record("amendment.extend", by=by.person, about=amendment, place=by.cohort_id)
    return asked
