"""The messages this app sends, each found again as its recipient may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts import links
from cohorts.models import (
    Application,
    Appointment,
    Draft,
    Intake,
    Permit,
    ResumeToken,
    Review,
)
from cohorts.rights import serves
from people.models import User
from people.outbox import Notice, Purpose, register


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a mail about an application says; `path` leads to it."""

    intake: Intake
    path: str
    called: str = ""
    zone: str = "UTC"
    outcome: str = ""
    words: str = ""
    reasons: str = ""
    reply_by: Any = None

    @property
    def asks_for_a_reply(self) -> bool:
        return self.outcome == Application.Outcome.OFFERED


def letter_about(application: Application, *, path: str, **fields: Any) -> Letter:
    values = {
        "outcome": application.outcome,
        "words": application.words,
        "reasons": application.reasons,
        "reply_by": application.reply_by,
        **fields,
    }
    return Letter(
        intake=application.intake,
        path=path,
        called=application.called,
        zone=application.timezone,
        **values,
    )


def _token(pk: UUID, *purposes: str) -> ResumeToken | None:
    token = (
        ResumeToken.objects.unsealed("writes the letter that carries this link")
        .select_related("draft__intake", "application__intake__program")
        .filter(pk=pk, purpose__in=purposes)
        .first()
    )
    return token if token and token.is_live(timezone.now()) else None


def _draft_link(person: User | None, pk: UUID) -> Letter | None:
    token = _token(pk, ResumeToken.Purpose.RESUME)
    if token is None or token.draft is None:
        return None
    draft: Draft = token.draft
    # Sent meanwhile, or the address was mended: the link leads nowhere any more.
    if draft.sent_as_id or draft.email.lower() != token.sent_to.lower():
        return None
    return Letter(
        intake=draft.intake,
        path=reverse("cohorts:apply_resume", args=[links.mint(token)]),
        called=str(draft.typed.get("called", "")),
        zone=str(draft.typed.get("timezone") or "UTC"),
    )


def _application_link(person: User | None, pk: UUID) -> Letter | None:
    token = _token(pk, ResumeToken.Purpose.STATUS, ResumeToken.Purpose.REPLY)
    if token is None or token.application is None:
        return None
    application: Application = token.application
    if application.email.lower() != token.sent_to.lower():
        return None
    reply = token.purpose == ResumeToken.Purpose.REPLY
    if reply and not application.released_at:
        return None
    name = "cohorts:apply_reply" if reply else "cohorts:apply_resume"
    return letter_about(application, path=reverse(name, args=[links.mint(token)]))


def _open_application_link(person: User | None, pk: UUID) -> Letter | None:
    token = _token(pk, ResumeToken.Purpose.STATUS, ResumeToken.Purpose.REPLY)
    if token is None or token.application is None or not token.application.is_open:
        return None
    return _application_link(person, pk)


def _waiting_offer_link(person: User | None, pk: UUID) -> Letter | None:
    token = _token(pk, ResumeToken.Purpose.REPLY)
    application = token.application if token else None
    if (
        application is None
        or not application.awaits_reply
        or application.reply_by is None
        or application.reply_by <= timezone.now()
    ):
        return None
    return _application_link(person, pk)


RESUME = register(
    Notice(
        name="cohorts.application_resume",
        template="cohorts/mail/application_resume",
        purpose=Purpose.ACCOUNT,
        reason=_(
            "You get this because somebody began an application with this address."
        ),
        find=_draft_link,
    )
)
RECEIPT = register(
    Notice(
        name="cohorts.application_receipt",
        template="cohorts/mail/application_receipt",
        purpose=Purpose.ACCOUNT,
        reason=_("You get this because an application was sent with this address."),
        find=_open_application_link,
    )
)
ALREADY_HERE = register(
    Notice(
        name="cohorts.application_already_here",
        template="cohorts/mail/application_already_here",
        purpose=Purpose.ACCOUNT,
        reason=_("You get this because an application was sent with this address."),
        find=_open_application_link,
    )
)
WITHDRAWN = register(
    Notice(
        name="cohorts.application_withdrawn",
        template="cohorts/mail/application_withdrawn",
        purpose=Purpose.ACCOUNT,
        reason=_("You get this because an application was sent with this address."),
        find=_application_link,
    )
)
DECISION = register(
    Notice(
        name="cohorts.application_decision",
        template="cohorts/mail/application_decision",
        purpose=Purpose.ACCOUNT,
        reason=_("You get this because you applied."),
        find=_open_application_link,
        # A decision is told once: when nobody knows whether it left, a person looks.
        on_unknown="hold",
        told_otherwise=True,
    )
)
OFFER_WAITS = register(
    Notice(
        name="cohorts.offer_waits",
        template="cohorts/mail/offer_waits",
        purpose=Purpose.REQUEST,
        reason=_("You get this because a seat is offered to you."),
        find=_waiting_offer_link,
    )
)
SEAT_TAKEN = register(
    Notice(
        name="cohorts.application_seat_taken",
        template="cohorts/mail/application_seat_taken",
        purpose=Purpose.ACCOUNT,
        reason=_("You get this because you took a seat."),
        find=_open_application_link,
    )
)


@dataclass(frozen=True, kw_only=True)
class Pile:
    """What still waits for one reviewer in one call."""

    intake: Intake
    path: str
    n: int
    closes_at: Any = None


def _readings_waiting(person: User | None, pk: UUID) -> Pile | None:
    intake = Intake.objects.select_related("program").filter(pk=pk).first()
    roles = (Appointment.Role.REVIEWER, Appointment.Role.LEAD)
    if intake is None or person is None or not serves(person, intake.program, *roles):
        return None
    now = timezone.now()
    n = (
        Review.objects.visible_to(person)
        .waiting()
        .filter(reviewer=person, copy__intake=intake, copy__closed_at=None)
        .count()
    )
    if not n or not intake.permits(Permit.REVIEW, now=now):
        return None
    ends = [
        phase.closes_at
        for phase in intake.phases.all()
        if Permit.REVIEW in phase.permits and phase.is_on(now)
    ]
    return Pile(
        intake=intake,
        path=reverse("cohorts:review_queue", args=[intake.slug]),
        n=n,
        closes_at=max(ends, default=None),
    )


READINGS_WAITING = register(
    Notice(
        name="cohorts.readings_waiting",
        template="cohorts/mail/readings_waiting",
        purpose=Purpose.REQUEST,
        reason=_("You get this because you read applications of this call."),
        find=_readings_waiting,
    )
)
