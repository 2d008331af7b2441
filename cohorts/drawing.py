"""The lottery of a call: publish it, draw it, or give it up.

Published: the record and its fingerprint are fixed while nobody can know the random
value. Drawn: two leads type the value that the source spoke, and who is drawn gets a
pending offer; no letter leaves before a person has read it.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cohorts import deciding
from cohorts import draw as kernel
from cohorts.lottery import Mixture
from cohorts.models import (
    Application,
    Appointment,
    Band,
    DrawRecord,
    GivingUp,
    Intake,
    Lottery,
    Permit,
    Standing,
    Ticket,
    TypedValue,
)
from cohorts.models.selection import WHY_LONGEST
from cohorts.preparing import as_text, gather, locked, told
from cohorts.quotas import lock, refuse_if_fixed
from cohorts.rights import must_lead
from people.models import User, record
from people.refusal import Refused

# Read aloud without doubt: no 0 and o, no 1, l and i.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
NUMBER_LENGTH = 8
SHORTEST_REASON = 3


# --- Publishing ---------------------------------------------------------------------


@transaction.atomic
def commit(
    lottery: Lottery,
    *,
    source: str,
    speaks_at: datetime,
    by: User,
    edition: int | None = None,
    now: datetime,
) -> DrawRecord:
    """Publish the record, its fingerprint, and where and when the value will come.

    From here on nothing of it changes. Again gives the record that stands.
    """
    lock(lottery.intake)
    lottery = locked(lottery.pk)
    must_lead(by, lottery.intake.program)
    if lottery.is_fixed:
        assert lottery.record is not None
        return lottery.record
    refuse_if_fixed(lottery.intake)
    if lottery.state != Lottery.State.PREPARED:
        raise Refused(_("This lottery is not prepared."))
    if edition is not None and lottery.edition != edition:
        raise Refused(
            _("Another lead changed this lottery while you were looking. Look again.")
        )
    if speaks_at <= now:
        raise Refused(
            _("The random value has to come later: nobody may know it beforehand.")
        )
    if not lottery.intake.permits(Permit.DECIDE, now=speaks_at):
        raise Refused(
            _(
                "At that moment the call permits no decisions. Choose another, or "
                "change its dates first."
            )
        )
    gathering = gather(lottery.intake)
    if gathering.basis != lottery.basis:
        raise Refused(
            _("People or quotas changed since it was prepared. Prepare it again.")
        )
    numbers = _numbers(len(gathering.people))
    mixture = _mixture_of(lottery)
    at = speaks_at.astimezone(UTC).isoformat(timespec="minutes")
    text = kernel.record_of(mixture, numbers, source=f"{source} ({at})")
    published = DrawRecord.objects.create(
        intake=lottery.intake,
        text=text.decode("ascii"),
        fingerprint=kernel.fingerprint(text),
        source=source,
        speaks_at=speaks_at,
        committed_at=now,
        people=len(numbers),
        seats=lottery.seats,
        quotas=[told(quota, of=gathering.all_seats) for quota in gathering.quotas],
    )
    chances = [Decimal(as_text(chance)) for chance in mixture.chances]
    Ticket.objects.bulk_create(
        [
            Ticket(
                program_id=lottery.program_id,
                lottery=lottery,
                application_id=UUID(key),
                number=number,
                chance=chances[kind],
            )
            for key, number, kind in zip(
                lottery.mixture["who"], numbers, mixture.kind_of, strict=True
            )
        ],
        batch_size=1000,
    )
    lottery.state, lottery.record = Lottery.State.COMMITTED, published
    lottery.edition += 1
    lottery.save(update_fields=["state", "record", "edition"])
    record("lottery.commit", by=by, about=lottery, place=lottery.program_id)
    return published


def _numbers(many: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < many:
        found["".join(secrets.choice(LETTERS) for _letter in range(NUMBER_LENGTH))] = (
            None
        )
    return list(found)


def _mixture_of(lottery: Lottery) -> Mixture:
    kept = lottery.mixture
    return Mixture(
        kinds=tuple(tuple(kind) for kind in kept["kinds"]),
        kind_of=tuple(kept["kind_of"]),
        people=tuple(kept["people"]),
        panels=tuple(tuple(panel) for panel in kept["panels"]),
        weights=tuple(kept["weights"]),
    )


# --- Giving up ----------------------------------------------------------------------


def giving_up_of(lottery: Lottery, *, by: User) -> GivingUp | None:
    return (
        GivingUp.objects.visible_to(by)
        .filter(lottery=lottery)
        .select_related("asked_by")
        .first()
    )


@transaction.atomic
def give_up(lottery: Lottery, *, reason: str = "", by: User, now: datetime) -> Lottery:
    """Ask to give up a published draw; the second lead who asks does it.

    What was published stays published, with the reason of whoever asked first. The
    chances stand, so that the draw can be published anew with another source, or be
    set aside. Not once a lead typed what the source said: then it has spoken.
    """
    lock(lottery.intake)
    lottery = locked(lottery.pk)
    must_lead(by, lottery.intake.program)
    if lottery.state != Lottery.State.COMMITTED or lottery.record is None:
        raise Refused(_("No published draw waits for its value."))
    typed = TypedValue.objects.unsealed("whether the source has spoken")
    if typed.filter(lottery=lottery).exists():
        raise Refused(
            _(
                "A lead typed a value, so the source has spoken. Type what you read "
                "there; or ask them to take theirs back, if it was none."
            )
        )
    asked = GivingUp.objects.unsealed("two leads give up a draw together").filter(
        lottery=lottery
    )
    leads = Appointment.objects.active().filter(
        program=lottery.program_id, role=Appointment.Role.LEAD
    )
    first = asked.filter(asked_by__in=leads.values("person")).first()
    if first is not None and first.asked_by_id != by.pk:
        return _give_up(lottery, lottery.record, why=first.reason, by=by, now=now)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused(_("Say why: everybody will read it beside the draw."))
    asked.update_or_create(
        lottery=lottery,
        defaults={
            "program_id": lottery.program_id,
            "asked_by": by,
            "reason": reason.strip()[:WHY_LONGEST],
            "asked_at": now,
        },
    )
    record("lottery.ask_to_give_up", by=by, about=lottery, place=lottery.program_id)
    return lottery


def _give_up(
    lottery: Lottery, published: DrawRecord, *, why: str, by: User, now: datetime
) -> Lottery:
    published.given_up_at, published.given_up_why = now, why
    published.save(update_fields=["given_up_at", "given_up_why"])
    Ticket.objects.unsealed("their numbers belong to a draw that is not made").filter(
        lottery=lottery
    ).delete()
    GivingUp.objects.unsealed("done, and told in public").filter(
        lottery=lottery
    ).delete()
    lottery.state, lottery.record = Lottery.State.PREPARED, None
    lottery.edition += 1
    lottery.save(update_fields=["state", "record", "edition"])
    record("lottery.give_up", by=by, about=lottery, place=lottery.program_id)
    return lottery


@transaction.atomic
def go_on(lottery: Lottery, *, by: User) -> None:
    """Not to be given up after all: any lead may say so."""
    must_lead(by, lottery.intake.program)
    GivingUp.objects.visible_to(by).filter(lottery=lottery).delete()
    record("lottery.go_on", by=by, about=lottery, place=lottery.program_id)


@transaction.atomic
def take_back_value(lottery: Lottery, *, by: User) -> None:
    """What I typed was not the value; there was none, or it was another."""
    lock(lottery.intake)
    lottery = locked(lottery.pk)
    must_lead(by, lottery.intake.program)
    if lottery.state != Lottery.State.COMMITTED:
        raise Refused(_("It is drawn already."))
    TypedValue.objects.visible_to(by).filter(lottery=lottery, typed_by=by).delete()
    record("lottery.take_back_value", by=by, about=lottery, place=lottery.program_id)


# --- Drawing ------------------------------------------------------------------------


def written(value: str) -> str:
    """The one way a typed value is kept: no spaces around, one between, and nothing
    that cannot be seen, for whoever recomputes the draw types what they see."""
    seen = unicodedata.normalize("NFC", value)
    shown = "".join(sign for sign in seen if unicodedata.category(sign) != "Cf")
    return " ".join(shown.split())


@transaction.atomic
def type_value(lottery: Lottery, *, value: str, by: User, now: datetime) -> Lottery:
    """Say what the source spoke. The second lead who types the same makes the draw."""
    lock(lottery.intake)
    lottery = locked(lottery.pk)
    must_lead(by, lottery.intake.program)
    published, value = lottery.record, written(value)
    if published is None:
        raise Refused(_("Publish the draw first."))
    if not value:
        raise Refused(_("Type the value that the source spoke."))
    if lottery.state == Lottery.State.DRAWN:
        if published.value == value:
            return lottery
        raise Refused(_("It is drawn already, with another value."))
    if now < published.speaks_at:
        raise Refused(_("The source has not spoken yet, so there is no value to type."))
    typed = TypedValue.objects.unsealed("what leads read at the source")
    typed.update_or_create(
        lottery=lottery,
        typed_by=by,
        defaults={
            "program_id": lottery.program_id,
            "value": value,
            "typed_at": now,
        },
    )
    record("lottery.type_value", by=by, about=lottery, place=lottery.program_id)
    leads = Appointment.objects.active().filter(
        program=lottery.program_id, role=Appointment.Role.LEAD
    )
    agreed = typed.filter(
        lottery=lottery, value=value, typed_by__in=leads.values("person")
    ).exclude(typed_by=by)
    if agreed.exists():
        _draw(lottery, published, value=value, by=by, now=now)
    return lottery


def _draw(
    lottery: Lottery, published: DrawRecord, *, value: str, by: User, now: datetime
) -> None:
    drawn = outcome_of(published, value=value)
    published.value, published.drawn_at = value, now
    published.save(update_fields=["value", "drawn_at"])
    seated = set(drawn.seated)
    place_of = {number: place for place, number in enumerate(drawn.waiting, 1)}
    tickets = list(
        Ticket.objects.unsealed("the draw decides for everybody in it")
        .select_for_update(of=("self",))
        .filter(lottery=lottery)
        .order_by("pk")
    )
    for ticket in tickets:
        ticket.is_drawn = ticket.number in seated
        ticket.place = place_of.get(ticket.number)
    # One statement; bulk_update takes seconds for a thousand.
    Ticket.objects.bulk_create(
        tickets,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["is_drawn", "place"],
    )
    lottery.state = Lottery.State.DRAWN
    lottery.edition += 1
    lottery.save(update_fields=["state", "edition"])
    record("lottery.draw", by=by, about=lottery, place=lottery.program_id)
    _make_pending(lottery.intake, tickets, by=by, now=now)


def _make_pending(
    intake: Intake, tickets: Sequence[Ticket], *, by: User, now: datetime
) -> None:
    """Offers and the waiting list as decisions that a person reads before they go.

    Whoever was clearly above the line had a seat beside the draw: their offer leaves
    with the others.
    """
    outcomes = Application.Outcome
    # Who was told of the waiting list before is not told again.
    told = set(
        Application.objects.visible_to(by)
        .filter(intake=intake, outcome=outcomes.WAITLISTED)
        .values_list("pk", flat=True)
    )
    drawn = [t for t in tickets if t.is_drawn]
    waiting = [t for t in tickets if not t.is_drawn and t.application_id not in told]
    accepted = deciding.undecided(intake, Band.ACCEPT, by=by)
    for outcome, keys in (
        (outcomes.OFFERED, [*(t.application_id for t in drawn), *accepted]),
        (outcomes.WAITLISTED, [t.application_id for t in waiting]),
    ):
        deciding.decide(intake, keys, outcome=outcome, by=by, now=now)
    _say_why(intake, [*drawn, *waiting], by=by)


def _say_why(intake: Intake, tickets: Sequence[Ticket], *, by: User) -> None:
    """The reason for what chance decided, in the language of whoever reads it."""
    where = settings.SITE_URL + reverse("cohorts:draw_show", args=[intake.slug])
    ticket_of = {ticket.application_id: ticket for ticket in tickets}
    rows = list(
        Standing.objects.visible_to(by)
        .filter(application__in=ticket_of)
        .exclude(pending="")
        .select_related("application")
        .order_by("pk")
    )
    for row in rows:
        ticket = ticket_of[row.application_id]
        said = {"number": ticket.number, "place": ticket.place, "where": where}
        with translation.override(
            row.application.language or translation.get_language()
        ):
            row.reasons = (
                _(
                    "The lottery drew your number, %(number)s. Anybody can recompute "
                    "the draw: %(where)s"
                )
                if ticket.is_drawn
                else _(
                    "The lottery drew the order in which those who wait move up. Your "
                    "number, %(number)s, is at place %(place)s. Anybody can recompute "
                    "the draw: %(where)s"
                )
            ) % said
    Standing.objects.unsealed("the draw says why").bulk_update(
        rows, ["reasons"], batch_size=500
    )


class Tampered(Refused):
    """What is kept is not what was published."""

    def __init__(self) -> None:
        super().__init__(
            _("This record is not the one whose fingerprint was published.")
        )


def bytes_of(published: DrawRecord) -> bytes:
    """The record, if it is the one whose fingerprint was published. Raises Tampered."""
    text = published.text.encode("ascii", "replace")
    if kernel.fingerprint(text) != published.fingerprint:
        raise Tampered
    return text


def outcome_of(published: DrawRecord, *, value: str = "") -> kernel.Drawn:
    """Who is drawn by this record and value. Raises Tampered."""
    return kernel.draw(bytes_of(published), value=value or published.value)


@dataclass(frozen=True, kw_only=True)
class Typing:
    """How far the typing of the value is, as one lead may see it."""

    mine: TypedValue | None
    others: Sequence[TypedValue]

    @property
    def is_waiting_for_another(self) -> bool:
        return self.mine is not None and not self.others

    @property
    def differs(self) -> bool:
        return self.mine is not None and bool(self.others)


def typing_of(lottery: Lottery, *, by: User) -> Typing:
    """What was typed; what another typed is shown only beside one's own."""
    rows = list(
        TypedValue.objects.visible_to(by)
        .filter(lottery=lottery)
        .select_related("typed_by")
        .order_by("typed_at", "pk")
    )
    return Typing(
        mine=next((row for row in rows if row.typed_by_id == by.pk), None),
        others=[row for row in rows if row.typed_by_id != by.pk],
    )


def waiting_for_value(viewer: User, now: datetime) -> QuerySet[Lottery]:
    """Published draws whose source has spoken, and `viewer` has not typed what."""
    typed = TypedValue.objects.unsealed("whether one typed it oneself").filter(
        lottery=OuterRef("pk"), typed_by=viewer
    )
    return (
        Lottery.objects.visible_to(viewer)
        .filter(
            ~Exists(typed), state=Lottery.State.COMMITTED, record__speaks_at__lte=now
        )
        .select_related("intake")
        .defer("mixture", "facts")
        .order_by("made_at", "pk")
    )


def other_leads(lottery: Lottery, *, than: User) -> int:
    """How many could confirm what this lead typed."""
    return (
        Appointment.objects.active()
        .filter(program=lottery.program_id, role=Appointment.Role.LEAD)
        .exclude(person=than)
        .values("person")
        .distinct()
        .count()
    )


def ticket_of(application: Application) -> Ticket | None:
    """The ticket of an application; call it only for its applicant or a lead."""
    return (
        Ticket.objects.unsealed("the applicant's own ticket, whoever holds the link")
        .filter(application=application)
        .select_related("lottery__record")
        .defer("lottery__mixture", "lottery__facts", "lottery__record__text")
        .first()
    )
