"""The notices of sessions, each found again as its recipient may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Membership
from people import clock
from people.models import User
from people.outbox import Notice, Purpose, register
from sessions.models import (
    Appreciation,
    Commitment,
    Post,
    Quiet,
    Reply,
    RitualSession,
    Rsvp,
)

ANSWER_SALT = "sessions.answer"
# Series are told of months ahead; the link dies with the session in any case.
ANSWER_LINK_DAYS = 400


@dataclass(frozen=True)
class ForMember:
    """A session as one member is told of it; words are made when asked for."""

    session: RitualSession
    membership: Membership

    @property
    def when(self) -> str:
        return clock.moment_for(self.membership.person, self.session.starts_at)

    @property
    def cohort(self) -> str:
        return self.session.cohort.name

    @property
    def url(self) -> str:
        return settings.SITE_URL + reverse(
            "sessions:session_page",
            args=[self.session.cohort.slug, self.session.number],
        )

    @property
    def answer_url(self) -> str:
        return settings.SITE_URL + reverse(
            "sessions:answer_link", args=[answer_token(self.session, self.membership)]
        )


def answer_token(session: RitualSession, membership: Membership) -> str:
    """The secret of a mailed answer link: one session, one member, one act."""
    return signing.dumps([str(session.pk), str(membership.pk)], salt=ANSWER_SALT)


def read_answer_token(token: str) -> tuple[UUID, UUID]:
    """Raises `signing.BadSignature` for what we did not make."""
    session, membership = signing.loads(
        token, salt=ANSWER_SALT, max_age=timedelta(days=ANSWER_LINK_DAYS)
    )
    return UUID(session), UUID(membership)


def _find(
    person: User | None, about: UUID, *, state: str, reminds: bool = False
) -> ForMember | None:
    if person is None:
        return None
    session = (
        RitualSession.objects.visible_to(person)
        .select_related("cohort")
        .filter(pk=about, state=state)
        .first()
    )
    if session is None:
        return None
    membership = Membership.objects.active().get(
        cohort=session.cohort_id, person=person
    )
    membership.person = person
    if reminds and (
        Rsvp.objects.visible_to(person)
        .filter(session=session, membership=membership, answer=Rsvp.Answer.NO)
        .exists()
    ):
        return None
    return ForMember(session, membership)


def _planned(person: User | None, about: UUID) -> ForMember | None:
    return _find(person, about, state=RitualSession.State.PLANNED)


def _called_off(person: User | None, about: UUID) -> ForMember | None:
    return _find(person, about, state=RitualSession.State.DID_NOT_HAPPEN)


def _begins_within(least: timedelta, most: timedelta) -> Any:
    """A reminder for a time that has moved meanwhile is not sent."""

    def find(person: User | None, about: UUID) -> ForMember | None:
        found = _find(person, about, state=RitualSession.State.PLANNED, reminds=True)
        if found is None:
            return None
        ahead = found.session.starts_at - timezone.now()
        return found if least <= ahead <= most else None

    return find


_IN_THE_COHORT = _("You get this because you are in the cohort that meets.")

SESSION_PLANNED = register(
    Notice(
        name="sessions.session_planned",
        template="sessions/mail/session_planned",
        purpose=Purpose.SESSION,
        reason=_IN_THE_COHORT,
        find=_planned,
    )
)
SESSION_MOVED = register(
    Notice(
        name="sessions.session_moved",
        template="sessions/mail/session_moved",
        purpose=Purpose.SESSION,
        reason=_IN_THE_COHORT,
        find=_planned,
    )
)
SESSION_CALLED_OFF = register(
    Notice(
        name="sessions.session_called_off",
        template="sessions/mail/session_called_off",
        purpose=Purpose.SESSION,
        reason=_IN_THE_COHORT,
        find=_called_off,
    )
)
SESSION_TOMORROW = register(
    Notice(
        name="sessions.session_tomorrow",
        template="sessions/mail/session_tomorrow",
        purpose=Purpose.SESSION,
        reason=_IN_THE_COHORT,
        find=_begins_within(timedelta(hours=1), timedelta(hours=25)),
    )
)
SESSION_SOON = register(
    Notice(
        name="sessions.session_soon",
        template="sessions/mail/session_soon",
        purpose=Purpose.SESSION,
        reason=_IN_THE_COHORT,
        find=_begins_within(timedelta(minutes=-10), timedelta(hours=1, minutes=5)),
    )
)


# --- Promises, requests, thanks --------------------------------------------------

KEEP_SALT = "sessions.keep"
KEEP_LINK_DAYS = 60


def keep_token(commitment: Commitment) -> str:
    """The secret of a mailed link: this promise, this person, this one act."""
    return signing.dumps(
        [str(commitment.pk), str(commitment.promised_by.person_id)], salt=KEEP_SALT
    )


def read_keep_token(token: str) -> tuple[UUID, UUID]:
    """Raises `signing.BadSignature` for what we did not make."""
    commitment, person = signing.loads(
        token, salt=KEEP_SALT, max_age=timedelta(days=KEEP_LINK_DAYS)
    )
    return UUID(commitment), UUID(person)


@dataclass(frozen=True)
class ForPromiser:
    """A promise as its maker is told of it: the day and the door, not the words."""

    commitment: Commitment

    @property
    def day(self) -> str:
        return clock.day_for(self.commitment.due_on)

    @property
    def cohort(self) -> str:
        return self.commitment.cohort.name

    @property
    def url(self) -> str:
        return settings.SITE_URL + reverse(
            "sessions:commitment_detail",
            args=[self.commitment.cohort.slug, self.commitment.pk],
        )

    @property
    def keep_url(self) -> str:
        return settings.SITE_URL + reverse(
            "sessions:commitment_keep_by_link", args=[keep_token(self.commitment)]
        )


def _promise_due(person: User | None, about: UUID) -> ForPromiser | None:
    if person is None:
        return None
    commitment = (
        Commitment.objects.visible_to(person)
        .of(person)
        .open()
        .filter(pk=about, cohort__finished_at=None)
        .select_related("cohort", "promised_by")
        .first()
    )
    return ForPromiser(commitment) if commitment else None


@dataclass(frozen=True)
class FromPeer:
    """That somebody in the cohort said something to the recipient."""

    name: str
    cohort: str
    url: str
    until: str = ""


def _asked(person: User | None, about: UUID) -> FromPeer | None:
    if person is None:
        return None
    mine = Membership.objects.active().filter(person=person).select_related("cohort")
    post = (
        Post.objects.visible_to(person)
        .waiting_for(list(mine), [m.cohort_id for m in mine])
        .filter(pk=about, cohort__finished_at=None)
        .select_related("cohort", "author__person")
        .first()
    )
    if post is None:
        return None
    return FromPeer(
        name=post.author.person.name,
        cohort=post.cohort.name,
        url=settings.SITE_URL + post.get_absolute_url(),
        until=clock.moment_for(person, post.answer_by) if post.answer_by else "",
    )


def _closing(person: User | None, about: UUID) -> FromPeer | None:
    """Still waiting for this person, and not for long: its window may begin anew."""
    found = _asked(person, about)
    open_now = Post.objects.unsealed("the same one, found above").filter(
        pk=about, answer_by__gt=timezone.now()
    )
    return found if found is not None and open_now.exists() else None


def _unanswered(person: User | None, about: UUID) -> FromPeer | None:
    """One's own request, whose window went by without a word."""
    if person is None:
        return None
    post = (
        Post.objects.visible_to(person)
        .open()
        .requests()
        .with_answers_for(person)
        .filter(answers=0)  # type: ignore[misc]
        .filter(
            pk=about,
            author__person=person,
            answer_by__lte=timezone.now(),
            cohort__finished_at=None,
        )
        .select_related("cohort", "to__person")
        .first()
    )
    if post is None:
        return None
    return FromPeer(
        name=post.to.person.name if post.to else "",
        cohort=post.cohort.name,
        url=settings.SITE_URL + post.get_absolute_url(),
    )


def _answered(person: User | None, about: UUID) -> FromPeer | None:
    if person is None:
        return None
    reply = (
        Reply.objects.visible_to(person)
        .filter(pk=about, post__author__person=person)
        .select_related("cohort", "author__person", "post")
        .first()
    )
    if reply is None:
        return None
    return FromPeer(
        name=reply.author.person.name,
        cohort=reply.cohort.name,
        url=settings.SITE_URL + reply.post.get_absolute_url(),
    )


@dataclass(frozen=True)
class Silence:
    """For whoever has gone quiet: what the charter says, and a way to answer it."""

    cohort: str
    url: str


def _quiet(person: User | None, about: UUID) -> Silence | None:
    if person is None:
        return None
    quiet = (
        Quiet.objects.visible_to(person)
        .still()
        .filter(pk=about, answer="", cohort__finished_at=None)
        .select_related("cohort")
        .first()
    )
    if quiet is None:
        return None
    return Silence(
        cohort=quiet.cohort.name,
        url=settings.SITE_URL
        + reverse("sessions:quiet_answer", args=[quiet.cohort.slug, quiet.pk]),
    )


def _thanked(person: User | None, about: UUID) -> FromPeer | None:
    if person is None:
        return None
    appreciation = (
        Appreciation.objects.visible_to(person)
        .filter(pk=about, to__person=person)
        .select_related("cohort", "given_by__person")
        .first()
    )
    if appreciation is None:
        return None
    return FromPeer(
        name=appreciation.given_by.person.name,
        cohort=appreciation.cohort.name,
        url=settings.SITE_URL
        + reverse("sessions:appreciation_list", args=[appreciation.cohort.slug]),
    )


COMMITMENT_DUE = register(
    Notice(
        name="sessions.commitment_due",
        template="sessions/mail/commitment_due",
        purpose=Purpose.PROMISE,
        reason=_("You get this because you promised something by that day."),
        find=_promise_due,
    )
)
REQUEST_ASKED = register(
    Notice(
        name="sessions.request_asked",
        template="sessions/mail/request_asked",
        purpose=Purpose.REQUEST,
        reason=_("You get this because somebody in your cohort asked you."),
        find=_asked,
    )
)
REQUEST_CLOSING = register(
    Notice(
        name="sessions.request_closing",
        template="sessions/mail/request_closing",
        purpose=Purpose.REQUEST,
        reason=_("You get this because somebody in your cohort asked you."),
        find=_closing,
    )
)
DECISION_CLOSING = register(
    Notice(
        name="sessions.decision_closing",
        template="sessions/mail/decision_closing",
        purpose=Purpose.DECISION,
        reason=_("You get this because everybody in your cohort is asked."),
        find=_closing,
    )
)
REQUEST_UNANSWERED = register(
    Notice(
        name="sessions.request_unanswered",
        template="sessions/mail/request_unanswered",
        purpose=Purpose.REQUEST,
        reason=_("You get this because you asked for something."),
        find=_unanswered,
    )
)
REQUEST_ANSWERED = register(
    Notice(
        name="sessions.request_answered",
        template="sessions/mail/request_answered",
        purpose=Purpose.UPDATE,
        reason=_("You get this because you wrote what was answered."),
        find=_answered,
    )
)
APPRECIATION_GIVEN = register(
    Notice(
        name="sessions.appreciation_given",
        template="sessions/mail/appreciation_given",
        purpose=Purpose.THANKS,
        reason=_("You get this because somebody in your cohort thanked you."),
        find=_thanked,
    )
)
QUIET_SINCE = register(
    Notice(
        name="sessions.quiet",
        template="sessions/mail/quiet",
        purpose=Purpose.CARE,
        reason=_("You get this because your circle agreed to look after its people."),
        find=_quiet,
    )
)
