"""The words of a proposal: begun, talked about, changed, mended by an objection."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from charters import notices
from charters.amending.permits import (
    ACTING,
    Change,
    Draft,
    Rewrite,
    Stale,
    State,
    charter_of,
    clauses_in_force,
    count_edit,
    fingerprint_of,
    hold,
    in_force,
    must_be_open,
    must_be_present,
    must_not_be_asked,
    must_not_have_lapsed,
    must_steer,
    must_write,
    proposed_in,
)
from charters.amending.roll import open_round_of, standing_objections
from charters.amending.rounds import ask_again
from charters.consent import ADVICE
from charters.models import (
    MOST_ROUNDS,
    Amendment,
    Clause,
    Consent,
    ConsentRound,
    ProposedClause,
    Remark,
)
from cohorts.models import Membership
from people import outbox
from people.models import create_once, record
from people.refusal import Refused

# --- Proposing -------------------------------------------------------------------


@transaction.atomic
def propose(
    *,
    by: Membership,
    clauses: Sequence[Draft],
    now: datetime,
    title: str = "",
    why: str = "",
    lang: str = "en",
    client_key: UUID | None = None,
    follows: Amendment | None = None,
) -> Amendment:
    """Begin a change of the charter, or the first charter of all, as a draft."""
    must_be_present(by, by.cohort_id)
    charter = charter_of(by.cohort)
    current = clauses_in_force(by.cohort)
    founding = in_force(by.cohort) is None
    if not clauses:
        raise Refused(_("Choose at least one clause."))
    amendment, made = create_once(
        Amendment,
        client_key=client_key,
        cohort=by.cohort,
        charter=charter,
        proposer=by,
        title=title.strip() or _title_of(clauses, current, founding),
        why=why.strip(),
        lang=lang,
        founding=False,
        proposed_at=now,
        follows=follows,
    )
    if not made:
        return amendment
    if founding:
        being_written = (
            Amendment.objects.unsealed(ACTING)
            .of(by.cohort)
            .open()
            .filter(founding=True)
        )
        if being_written.exists():
            raise Refused(
                _("The first charter is being written already: add your lines there.")
            )
        amendment.founding = True
        amendment.save(update_fields=["founding"])
    for position, draft in enumerate(clauses, start=1):
        _put(amendment, draft, current, position=position, by=by, now=now)
    record("amendment.propose", by=by.person, about=amendment, place=by.cohort_id)
    return amendment


def _title_of(
    clauses: Sequence[Draft], current: Mapping[UUID, Clause], founding: bool
) -> str:
    if founding:
        return _("Our first charter")
    first = clauses[0]
    known = current.get(first.key)
    return known.title if known else first.title.strip()


def _put(
    amendment: Amendment,
    draft: Draft,
    current: Mapping[UUID, Clause],
    *,
    position: int,
    by: Membership,
    now: datetime,
) -> ProposedClause:
    """Check one clause against what is in force and add it to the proposal."""
    known = current.get(draft.key)
    if draft.change != Change.NEW and known is None:
        raise Refused(_("That clause is no longer in the charter."))
    title, text = draft.title.strip(), draft.text.strip()
    section, lang, steers, value = (
        draft.section,
        draft.lang,
        draft.steers,
        dict(draft.value),
    )
    if known is not None:
        steers = known.steers
        if draft.change == Change.REMOVED:
            title, text, section = known.title, known.text, known.section
            lang, value = known.lang, known.value
    _said(title, text)
    proposed = ProposedClause(
        cohort_id=amendment.cohort_id,
        amendment=amendment,
        change=draft.change,
        key=draft.key,
        position=position,
        section=section,
        title=title,
        text=text,
        lang=lang,
        steers=steers,
        value=value,
        based_on=fingerprint_of([known.as_parts]) if known else "",
        written_by=by,
        written_at=now,
    )
    if (
        draft.change == Change.CHANGED
        and known is not None
        and proposed.as_parts == {**known.as_parts, "change": Change.CHANGED}
    ):
        raise Refused(_("These are the words we have: change something first."))
    proposed.save(force_insert=True)
    return proposed


def _said(title: str, text: str) -> None:
    if not text:
        raise Refused(_("An empty clause says nothing. To take it out, remove it."))
    if not title:
        raise Refused(_("Give the clause a name."))


@transaction.atomic
def add_clause(
    amendment: Amendment, draft: Draft, *, by: Membership, now: datetime
) -> ProposedClause:
    """One clause more, before the circle is asked."""
    amendment = hold(amendment)
    must_be_present(by, amendment.cohort_id)
    must_be_open(amendment)
    must_not_be_asked(amendment)
    must_write(amendment, by)
    already = proposed_in(amendment)
    if any(p.key == draft.key for p in already):
        raise Refused(_("That clause is in this proposal already."))
    # Left out before and wanted after all: these are its words now.
    ProposedClause.objects.unsealed(ACTING).left_out_of(amendment).filter(
        key=draft.key
    ).delete()
    proposed = _put(
        amendment,
        draft,
        clauses_in_force(amendment.cohort),
        position=max((p.position for p in already), default=0) + 1,
        by=by,
        now=now,
    )
    count_edit(amendment)
    record("amendment.add_clause", by=by.person, about=amendment, place=by.cohort_id)
    return proposed


@transaction.atomic
def rewrite(
    proposed: ProposedClause, words: Rewrite, *, by: Membership, now: datetime
) -> ProposedClause:
    """Change the words of a proposed clause.

    While the circle is being asked, this voids its answers and asks again.
    """
    amendment = hold(proposed.amendment)
    must_be_present(by, amendment.cohort_id)
    must_be_open(amendment)
    must_write(amendment, by)
    proposed = ProposedClause.objects.unsealed(ACTING).get(pk=proposed.pk)
    asked = None
    if amendment.is_deciding:
        must_not_have_lapsed(amendment.cohort)
        asked = open_round_of(amendment)
        if standing_objections(asked):
            raise Refused(
                _("An objection stands: answer it by taking it into the text.")
            )
    if not _reworded(proposed, words, by=by, now=now):
        return proposed
    count_edit(amendment)
    if asked is not None:
        ask_again(amendment, asked, by=by, now=now)
    record("amendment.rewrite", by=by.person, about=amendment, place=by.cohort_id)
    return proposed


def _reworded(
    proposed: ProposedClause, words: Rewrite, *, by: Membership, now: datetime
) -> bool:
    """Write the words down; False if they were there already."""
    if words.edition != proposed.edition:
        raise Stale(_("Somebody changed this while you were writing. Look at both."))
    if proposed.is_removed:
        return False
    before = proposed.as_parts
    proposed.title, proposed.text = words.title.strip(), words.text.strip()
    _said(proposed.title, proposed.text)
    if proposed.steers:
        proposed.value = dict(words.value)
    proposed.section = words.section or proposed.section
    proposed.lang = words.lang or proposed.lang
    if proposed.as_parts == before and proposed.left_out_at is None:
        return False
    # Left out while these words were written: whoever sends them has seen that.
    proposed.left_out_at = None
    proposed.edition += 1
    proposed.written_by, proposed.written_at = by, now
    proposed.save()
    return True


@transaction.atomic
def base_anew(proposed: ProposedClause, *, by: Membership, now: datetime) -> None:
    """Say that this wording knows the clause as it stands in force now.

    For a proposal begun before another one changed the same clause. A clause that
    was removed meanwhile becomes a new one.
    """
    amendment = hold(proposed.amendment)
    must_be_present(by, amendment.cohort_id)
    must_be_open(amendment)
    must_not_be_asked(amendment)
    must_write(amendment, by)
    # As it stands now: somebody may have written since the page was read.
    proposed = ProposedClause.objects.unsealed(ACTING).get(pk=proposed.pk)
    known = clauses_in_force(amendment.cohort).get(proposed.key)
    if known is not None:
        proposed.based_on = fingerprint_of([known.as_parts])
    elif proposed.is_removed:
        raise Refused(_("That clause is gone already: withdraw the proposal."))
    else:
        proposed.change, proposed.based_on = Change.NEW, ""
        proposed.key = uuid4()
    proposed.edition += 1
    proposed.save()
    count_edit(amendment)


# --- Before the round: questions, reactions --------------------------------------


@transaction.atomic
def ask_for(
    amendment: Amendment, state: str, *, by: Membership, now: datetime
) -> Amendment:
    """Move on to questions, or to first reactions; never back."""
    amendment = hold(amendment)
    must_be_present(by, amendment.cohort_id)
    must_be_open(amendment)
    must_steer(amendment, by)
    order = (State.DRAFT, State.CLARIFY, State.REACT)
    if amendment.state not in order or state not in order[1:]:
        raise Refused(_("The circle is being asked about this text already."))
    if order.index(State(state)) > order.index(State(amendment.state)):
        amendment.state = state
        amendment.save(update_fields=["state"])
        record(f"amendment.{state}", by=by.person, about=amendment, place=by.cohort_id)
        _invite_to_talk(amendment, by=by, now=now)
    return amendment


def _invite_to_talk(amendment: Amendment, *, by: Membership, now: datetime) -> None:
    members = Membership.objects.active().filter(cohort=amendment.cohort_id)
    for member in members.select_related("person").order_by("joined_at", "pk"):
        if member.pk != by.pk:
            outbox.queue(
                notices.TALK_OPENED,
                to=member.person,
                about=amendment,
                key=f"{amendment.pk}:{amendment.state}",
                send_after=now,
            )


@transaction.atomic
def say(
    amendment: Amendment,
    *,
    by: Membership,
    kind: str,
    text: str,
    now: datetime,
    client_key: UUID | None = None,
) -> Remark:
    """Ask about a proposal, react to it, or reply. Decides nothing."""
    must_be_present(by, amendment.cohort_id)
    if not text.strip():
        raise Refused(_("Write a line first."))
    remark, _made = create_once(
        Remark,
        client_key=client_key,
        cohort_id=amendment.cohort_id,
        amendment=amendment,
        member=by,
        kind=kind,
        text=text.strip(),
        said_at=now,
    )
    return remark


def advice_on(amendment: Amendment) -> QuerySet[Consent]:
    """All advice that was given on any wording of it: it stays on record."""
    return (
        Consent.objects.unsealed(ACTING)
        .filter(
            round__amendment=amendment,
            round__rule=ADVICE.code,
            kind=Consent.Kind.CONCERN,
        )
        .exclude(member=amendment.proposer_id)
        .order_by("given_at", "pk")
    )


@transaction.atomic
def use_advice(advice: Consent, *, by: Membership, text: str, now: datetime) -> Remark:
    """Whoever proposes says what became of one piece of advice; again: other words."""
    amendment = hold(advice.round.amendment)
    must_be_present(by, amendment.cohort_id)
    must_be_open(amendment)
    must_write(amendment, by)
    if not text.strip():
        raise Refused(_("Write a line first."))
    if not advice_on(amendment).filter(pk=advice.pk).exists():
        raise Refused(_("That advice was taken back."))
    used, _made = Remark.objects.unsealed(ACTING).update_or_create(
        about=advice,
        defaults={
            "cohort_id": amendment.cohort_id,
            "amendment": amendment,
            "member": by,
            "kind": Remark.Kind.REPLY,
            "text": text.strip(),
            "said_at": now,
        },
    )
    return used


@transaction.atomic
def integrate(
    objection: Consent,
    *,
    by: Membership,
    words: Mapping[UUID, Rewrite],
    now: datetime,
    also: Collection[Consent] = (),
) -> ConsentRound:
    """Take objections into the text: answers are void, the next round opens.

    `words` are the new words of each proposed clause, by its key; `also` are further
    objections that these words answer.
    """
    amendment = hold(objection.round.amendment)
    must_be_present(by, amendment.cohort_id)
    must_be_open(amendment)
    must_write(amendment, by)
    must_not_have_lapsed(amendment.cohort)
    asked = open_round_of(amendment)
    still = {one.pk for one in standing_objections(asked)}
    if objection.pk not in still:
        raise Stale(_("That objection no longer stands. Look at the answers again."))
    if asked.number >= MOST_ROUNDS:
        raise Refused(
            _(
                "Three rounds are enough. Take this to a session, or withdraw it; a "
                "new proposal may follow."
            )
        )
    changed = [
        _reworded(proposed, words[proposed.key], by=by, now=now)
        for proposed in proposed_in(amendment)
        if proposed.key in words
    ]
    if not any(changed):
        raise Refused(_("The text is the same as before. What will mend it?"))
    count_edit(amendment)
    asked = ask_again(
        amendment,
        asked,
        by=by,
        now=now,
        taken_in=[
            objection,
            *(one for one in also if one.pk in still - {objection.pk}),
        ],
    )
    record("amendment.integrate", by=by.person, about=amendment, place=by.cohort_id)
    return asked
