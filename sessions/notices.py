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
from sessions.models import RitualSession, Rsvp

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
