"""Decisions: made pending for as long as it takes, and released together.

Nobody outside the leads knows of a pending decision. Every letter is seen before
it leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from cohorts import keeping_apart, notices, showing
from cohorts.links import prepare
from cohorts.models import (
    Application,
    Appointment,
    Intake,
    IntakePhase,
    Permit,
    Placement,
    ResumeToken,
    Standing,
    Ticket,
)
from cohorts.rights import must_lead
from people import outbox
from people.letters import one_line, plain
from people.models import OutboxMessage, User, record
from people.refusal import Refused

# Where the letter's link leads while nobody has got it.
NO_LINK_YET = "/apply/reply/…/"
# So long before the time to answer ends, whoever has not answered is reminded.
REMINDED_BEFORE = timedelta(days=2)
TOLD = (
    Application.Outcome.OFFERED,
    Application.Outcome.WAITLISTED,
    Application.Outcome.DECLINED,
)


def _refuse_if_closed(intake: Intake, *, now: datetime) -> None:
    if not intake.permits(Permit.DECIDE, now=now):
        raise Refused(_("Decisions on this call are not possible now. See its dates."))


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """One application that another lead decided on while somebody was looking."""

    called: str
    wanted: str
    stands: str
    reasons: str
    by: str


class Overtaken(Refused):
    """Another lead was quicker; both decisions are shown and nothing was set."""

    def __init__(self, overlaps: Sequence[Overlap]):
        super().__init__(
            _(
                "Another lead decided on some of these while you were looking. Nothing "
                "was set; what stands now is below. Send again to have it your way."
            )
        )
        self.overlaps = overlaps


@transaction.atomic
def decide(
    intake: Intake,
    applications: Iterable[UUID],
    *,
    outcome: str,
    reasons: str = "",
    by: User,
    edition: int | None = None,
    seen: Mapping[UUID, int] | None = None,
    now: datetime,
) -> int:
    """Set the same pending decision for these; an empty outcome takes it back.

    Withdrawn ones, and those that got an answer that cannot change, are left out.
    Give `edition` when one is decided: a lead who saw an older page is told. For
    several, `seen` is application → the edition on the page: raises Overtaken when
    another lead set something else for one of them meanwhile. Returns how many were
    set; a form that is sent twice sets them once.
    """
    must_lead(by, intake.program)
    _refuse_if_closed(intake, now=now)
    rows = list(
        Standing.objects.visible_to(by)
        # Both: what another lead told them meanwhile stands in the application.
        .select_for_update(of=("self", "application"))
        .select_related("application", "decided_by")
        .filter(intake=intake, application__in=list(applications))
        .order_by("pk")
    )
    if edition is not None and any(row.edition != edition for row in rows):
        raise Refused(
            _(
                "Another lead decided on this application while you were looking. "
                "Open it again to see what stands now."
            )
        )
    if seen is not None:
        rows = [row for row in rows if not _stands_so(row, outcome, reasons)]
        overlaps = [
            _overlap(row, wanted=outcome)
            for row in rows
            if row.application.is_open and row.edition != seen.get(row.application_id)
        ]
        if overlaps:
            raise Overtaken(overlaps)
    changed = [row for row in rows if _may_change(row.application)]
    _leave_to_the_draw(changed)
    Standing.objects.unsealed("a lead decides on rows read as a lead").filter(
        pk__in=[row.pk for row in changed]
    ).update(
        pending=outcome,
        reasons=reasons if outcome else "",
        decided_by=by if outcome else None,
        decided_at=now if outcome else None,
        edition=F("edition") + 1,
    )
    if changed:
        record("decision.set", by=by, about=intake, place=intake.program_id)
    return len(changed)


def _stands_so(row: Standing, outcome: str, reasons: str) -> bool:
    """Pending so, or told already."""
    if outcome and not row.pending and row.application.outcome == outcome:
        return True
    return (row.pending, row.reasons) == (outcome, reasons if outcome else "")


def _overlap(row: Standing, *, wanted: str) -> Overlap:
    """What stands: the pending decision, or what was told meanwhile."""
    stands = row.pending or row.application.outcome
    return Overlap(
        called=row.application.called,
        wanted=str(Application.Outcome(wanted).label),
        stands=str(Application.Outcome(stands).label),
        reasons=row.reasons or row.application.reasons,
        by=str(row.decided_by.name) if row.decided_by else "",
    )


def _leave_to_the_draw(rows: Iterable[Standing]) -> None:
    """Between a published draw and its value nobody decides by hand on who is in it."""
    waiting = Ticket.objects.unsealed("whether a draw is to decide").filter(
        application__in=[row.application_id for row in rows], is_drawn=None
    )
    if waiting.exists():
        raise Refused(
            _(
                "The draw of this call is published and decides on some of these. "
                "Wait for it, or leave them out."
            )
        )


def _may_change(application: Application) -> bool:
    """Open, and not told anything yet but that they are on the waiting list."""
    return application.is_open and application.outcome in (
        Application.Outcome.NONE,
        Application.Outcome.WAITLISTED,
    )


@dataclass(frozen=True)
class Letter:
    """A decision as it will be mailed."""

    application: Application
    outcome: str
    subject: str
    text: str

    @property
    def has_address(self) -> bool:
        return bool(self.application.email)


def undecided(intake: Intake, band: str, *, by: User) -> list[UUID]:
    """Those of a band for whom no decision is pending."""
    in_band = Placement.objects.visible_to(by).filter(
        intake=intake,
        band=band,
        application__state=Application.State.SUBMITTED,
        application__outcome=Application.Outcome.NONE,
    )
    return list(
        Standing.objects.visible_to(by)
        .filter(
            intake=intake, pending="", application__in=in_band.values("application")
        )
        .values_list("application", flat=True)
    )


def pending(intake: Intake, *, by: User) -> list[Standing]:
    return list(
        Standing.objects.visible_to(by)
        .filter(
            intake=intake,
            application__state=Application.State.SUBMITTED,
        )
        .exclude(pending="")
        .select_related("application")
        .order_by("pending", "application__called", "pk")
    )


def seal_of(intake: Intake, standings: Iterable[Standing]) -> str:
    """A short word for exactly these decisions and words: what was looked through."""
    rows = sorted(f"{row.pk}:{row.edition}" for row in standings)
    text = "\0".join([*rows, *(intake.words_of(outcome) for outcome in TOLD)])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def letter(standing: Standing, intake: Intake, *, site: str) -> Letter:
    """The mail to this applicant, in the language they applied in."""
    application = standing.application
    application.intake = intake
    about = notices.letter_about(
        application,
        path=NO_LINK_YET,
        outcome=standing.pending,
        words=intake.words_of(standing.pending),
        reasons=standing.reasons,
        reply_by=reply_by(intake),
    )
    context = {
        "recipient": None,
        "about": about,
        "site": site,
        "reason": notices.DECISION.reason,
    }
    with translation.override(application.language or translation.get_language()):
        template = notices.DECISION.template
        return Letter(
            application,
            standing.pending,
            one_line(plain(f"{template}.subject.txt", context)),
            plain(f"{template}.txt", context).strip(),
        )


def default_words(intake: Intake, outcome: str) -> str:
    """What a letter says where the program has no words of its own for it."""
    about = notices.Letter(intake=intake, path="", called=_("Name"), outcome=outcome)
    return plain("cohorts/mail/application_answer.txt", {"about": about}).strip()


def reply_by(intake: Intake) -> datetime | None:
    phase = intake.phase(IntakePhase.Kind.CONFIRM)
    return phase.closes_at if phase else None


@transaction.atomic
def release(intake: Intake, *, by: User, seen: str, now: datetime) -> int:
    """Tell everyone with a pending decision, together. Returns how many.

    `seen` is the seal of what was looked through: when another lead changed a
    decision or the words meanwhile, nothing leaves.
    """
    must_lead(by, intake.program)
    _refuse_if_closed(intake, now=now)
    # The words as they stand now, and until everyone has got them.
    intake = Intake.objects.select_for_update(of=("self",)).get(pk=intake.pk)
    rows = list(
        Standing.objects.visible_to(by)
        .select_for_update(of=("self", "application"))
        .select_related("application")
        .filter(intake=intake, application__state=Application.State.SUBMITTED)
        .exclude(pending="")
        .order_by("pk")
    )
    if not rows:
        raise Refused(_("Nothing is pending: these decisions were released already."))
    if seal_of(intake, rows) != seen:
        raise Refused(
            _(
                "Something changed after you opened the letters, so none was sent. "
                "Look through them again."
            )
        )
    until = reply_by(intake)
    for row in rows:
        application = row.application
        application.outcome = row.pending
        application.words = intake.words_of(row.pending)
        application.reasons = row.reasons
        application.released_at = now
        application.reply_by = (
            until if row.pending == Application.Outcome.OFFERED else None
        )
        application.edition += 1
        row.pending, row.reasons = "", ""
        row.decided_by, row.decided_at = None, None
        row.edition += 1
    Application.objects.unsealed("a lead tells rows read as a lead").bulk_update(
        [row.application for row in rows],
        ["outcome", "words", "reasons", "released_at", "reply_by", "edition"],
        batch_size=500,
    )
    Standing.objects.unsealed("a lead decides on rows read as a lead").bulk_update(
        rows,
        ["pending", "reasons", "decided_by", "decided_at", "edition"],
        batch_size=500,
    )
    for row in rows:
        _tell(row.application, now=now)
    record("decision.release", by=by, about=intake, place=intake.program_id)
    return len(rows)


def _tell(application: Application, *, now: datetime) -> None:
    if not application.email:
        return  # imported without an address: the lead tells them
    token = prepare(
        purpose=ResumeToken.Purpose.REPLY,
        to=application.email,
        application=application,
        now=now,
    )
    if token is not None:
        outbox.queue(
            notices.DECISION,
            to=application.email,
            about=token,
            key=f"{application.pk}:{application.outcome}",
            language=application.language,
        )


# --- Letters that may not have arrived -------------------------------------------


@dataclass(frozen=True)
class Stray:
    """A letter that somebody has to look at, and whom it was for."""

    application: Application
    message: OutboxMessage

    @property
    def state(self) -> str:
        if self.message.problem == outbox.NOT_WANTED:
            return "unwanted"
        return self.message.state


def calls_with_strays(viewer: User) -> QuerySet[Intake]:
    """The calls whose lead `viewer` is, with letters to look at."""
    led = Appointment.objects.active().filter(person=viewer, role=Appointment.Role.LEAD)
    return (
        Intake.objects.filter(program__in=led.values("program"))
        .filter(Exists(_stray_tokens().filter(application__intake=OuterRef("pk"))))
        .order_by("name", "pk")
    )


def strays(intake: Intake, *, by: User) -> list[Stray]:
    must_lead(by, intake.program)
    tokens = (
        _stray_tokens()
        .filter(application__intake=intake)
        .select_related("application")
        .order_by("application__called", "pk")
    )
    message_of = {
        message.about_id: message
        for message in _stray_messages().filter(about_id__in=[t.pk for t in tokens])
    }
    return [
        Stray(token.application, message_of[token.pk])
        for token in tokens
        if token.application is not None and token.pk in message_of
    ]


def _stray_messages() -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.stray().filter(notice=notices.DECISION.name)


def _stray_tokens() -> QuerySet[ResumeToken]:
    return ResumeToken.objects.unsealed("finds whose letter went astray").filter(
        application__state=Application.State.SUBMITTED,
        pk__in=_stray_messages().values("about_id"),
    )


@transaction.atomic
def settle_stray(
    intake: Intake, message: UUID, *, again: bool, by: User, now: datetime
) -> bool:
    """Send a letter once more, to the address as it is now, or let it be.

    False when another lead has settled it already.
    """
    one = next((s for s in strays(intake, by=by) if s.message.pk == message), None)
    if one is None:
        return False
    application = one.application
    if again and application.email.lower() == one.message.address.lower():
        outbox.say_again(one.message, now=now)
    else:
        outbox.lay_aside(one.message)
        if again:
            _tell(application, now=now)
    act = "decision.send_again" if again else "decision.lay_aside"
    record(act, by=by, about=application, place=application.program_id)
    return True


# --- What applicants say in other ways ------------------------------------------


@transaction.atomic
def note_reply(
    application: Application, *, accepted: bool, by: User, now: datetime
) -> Application:
    """Somebody answered the offer by voice or on paper, and a lead writes it down."""
    must_lead(by, application.program)
    application = _locked(application, by)
    if not application.is_open or application.outcome != Application.Outcome.OFFERED:
        raise Refused(_("There is no offer to answer."))
    reply = Application.Reply.ACCEPTED if accepted else Application.Reply.REFUSED
    if application.reply == reply:
        return application
    application.reply, application.replied_at = reply, now
    application.edition += 1
    application.save(update_fields=["reply", "replied_at", "edition"])
    if not accepted:
        showing.stop(application, now=now)
    record(
        "application.note_reply",
        by=by,
        about=application,
        place=application.program_id,
    )
    return application


@transaction.atomic
def note_replies(
    intake: Intake, applications: Iterable[UUID], *, by: User, now: datetime
) -> int:
    """Several take their seats; those without an open offer are left out."""
    must_lead(by, intake.program)
    changed = (
        Application.objects.visible_to(by)
        .offered()
        .filter(intake=intake, pk__in=list(applications), reply=Application.Reply.NONE)
        .update(
            reply=Application.Reply.ACCEPTED, replied_at=now, edition=F("edition") + 1
        )
    )
    if changed:
        record("application.note_reply", by=by, about=intake, place=intake.program_id)
    return changed


@transaction.atomic
def add_address(application: Application, *, email: str, by: User) -> Application:
    """An address for somebody who was imported without one, or whose has a fault.

    Not once the person has an account: then the address is theirs to change.
    """
    must_lead(by, application.program)
    application = _locked(application, by)
    if application.applicant_id:
        raise Refused(_("This person has an account; the address is theirs to change."))
    same = (
        Application.objects.visible_to(by)
        .submitted()
        .filter(intake=application.intake_id, email__iexact=email)
        .exclude(pk=application.pk)
    )
    if same.exists():
        raise Refused(_("Another application to this call has this address."))
    application.email = email
    application.edition += 1
    application.save(update_fields=["email", "edition"])
    keeping_apart.forget(application.intake)
    record(
        "application.add_address",
        by=by,
        about=application,
        place=application.program_id,
    )
    return application


def _locked(application: Application, by: User) -> Application:
    return (
        Application.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("intake")
        .get(pk=application.pk)
    )


def remind_of_offers(*, now: datetime) -> int:
    """Whoever was offered a seat and has not answered hears of it once, before the end.

    Not those who were told only just now.
    """
    rows = (
        Application.objects.unsealed("whose offer still waits for an answer")
        .offered()
        .filter(
            reply=Application.Reply.NONE,
            reply_by__gt=now,
            reply_by__lte=now + REMINDED_BEFORE,
            released_at__lte=now - REMINDED_BEFORE / 2,
        )
        .exclude(email="")
        .select_related("intake")
        .prefetch_related("intake__phases")
        .order_by("reply_by", "pk")
    )
    return sum(_remind_of_offer(one, now=now) for one in rows)


@transaction.atomic
def _remind_of_offer(application: Application, *, now: datetime) -> bool:
    assert application.reply_by is not None
    key = f"{application.pk}:{application.reply_by.date()}"
    if not application.intake.permits(Permit.REPLY, now=now) or outbox.is_queued(
        notices.OFFER_WAITS, to=application.email, key=key
    ):
        return False
    token = prepare(
        purpose=ResumeToken.Purpose.REPLY,
        to=application.email,
        application=application,
        now=now,
    )
    assert token is not None  # such links are never counted
    outbox.queue(
        notices.OFFER_WAITS,
        to=application.email,
        about=token,
        key=key,
        send_after=now,
        not_after=application.reply_by,
        language=application.language,
    )
    return True


def lapse_offers(*, now: datetime) -> int:
    """Offers whose time to answer has passed lapse, so that seats come free again."""
    return (
        Application.objects.unsealed("time passes for everybody alike")
        .offered()
        .filter(reply=Application.Reply.NONE, reply_by__lt=now)
        .update(
            reply=Application.Reply.LAPSED, replied_at=now, edition=F("edition") + 1
        )
    )
