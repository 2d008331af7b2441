"""The notices of the charter, each found again as its recipient may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from charters import lapsing
from charters.course import State
from charters.models import (
    Amendment,
    CharterVersion,
    Consent,
    ConsentRound,
    QuarterlyReview,
    RepairCase,
    RepairOverdue,
    ReviewNote,
    answer_by,
    newcomers,
)
from cohorts.models import Cohort, Membership
from people import clock
from people.models import User
from people.outbox import Notice, Purpose, register

ANSWER_SALT = "charters.answer"
TALK_SALT = "charters.talk"
# Enough to tell the texts of one round apart.
_OF_A_HASH = 16
NOTE_SALT = "charters.note"
WELCOME_SALT = "charters.welcome"
# A link lives as long as its round is open and its holder sits in the cohort; this
# is only the outermost bound.
ANSWER_LINK_DAYS = 120


@dataclass(frozen=True)
class ForMember:
    """What one member is told, where; words are made when asked for."""

    person: User
    cohort: Cohort
    path: str
    until: datetime | None = None
    review: QuarterlyReview | None = None
    answer_path: str = ""
    # Whether questions are asked for, or first reactions.
    questions: bool = False
    # Whether a round was asked as advice: its end decides nothing by itself.
    advice: bool = False
    again: bool = False

    @property
    def circle(self) -> str:
        return self.cohort.name

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.path

    @property
    def answer_url(self) -> str:
        return settings.SITE_URL + self.answer_path if self.answer_path else ""

    @property
    def when(self) -> str:
        return clock.moment_for(self.person, self.until) if self.until else ""

    @property
    def day(self) -> str:
        return clock.day_for(self.review.due_on) if self.review else ""

    @property
    def lapsed(self) -> bool:
        """Whether the charter decides nothing now; mails about decisions say so."""
        return lapsing.lapsed_review(self.cohort) is not None


def answer_token(asked: ConsentRound, membership: Membership) -> str:
    """The secret of a mailed link: one round, one member, one question, one text."""
    return signing.dumps(
        [str(asked.pk), str(membership.pk), asked.text_hash[:_OF_A_HASH]],
        salt=ANSWER_SALT,
    )


def read_answer_token(token: str) -> tuple[UUID, UUID, str] | None:
    """The round, the membership and the head of the text's hash; None if spoiled."""
    try:
        asked, membership, head = signing.loads(
            token, salt=ANSWER_SALT, max_age=ANSWER_LINK_DAYS * 24 * 3600
        )
        return UUID(asked), UUID(membership), str(head)
    except (signing.BadSignature, ValueError, TypeError):
        return None


def talk_token(amendment: Amendment, membership: Membership) -> str:
    """The secret of a mailed link: one proposal, one member, to ask and react."""
    return signing.dumps([str(amendment.pk), str(membership.pk)], salt=TALK_SALT)


def read_talk_token(token: str) -> tuple[UUID, UUID] | None:
    return _read(token, TALK_SALT)


def _read(token: str, salt: str) -> tuple[UUID, UUID] | None:
    """What the link is about and the membership it speaks for; None if spoiled."""
    try:
        about, membership = signing.loads(
            token, salt=salt, max_age=ANSWER_LINK_DAYS * 24 * 3600
        )
        return UUID(about), UUID(membership)
    except (signing.BadSignature, ValueError, TypeError):
        return None


def note_token(review: QuarterlyReview, membership: Membership) -> str:
    """The same for a review: what serves, what strains."""
    return signing.dumps([str(review.pk), str(membership.pk)], salt=NOTE_SALT)


def read_note_token(token: str) -> tuple[UUID, UUID] | None:
    return _read(token, NOTE_SALT)


def welcome_token(membership: Membership) -> str:
    """The same for a newcomer: can you live with the charter?"""
    return signing.dumps([str(membership.pk)] * 2, salt=WELCOME_SALT)


def read_welcome_token(token: str) -> UUID | None:
    read = _read(token, WELCOME_SALT)
    return read[0] if read else None


def _seat(person: User, cohort: Cohort) -> Membership | None:
    return (
        Membership.objects.active()
        .filter(person=person, cohort=cohort)
        .order_by("pk")
        .first()
    )


def _decision(amendment: Amendment) -> str:
    return reverse("charters:decision", args=[amendment.cohort.slug, amendment.pk])


def _unanswered(person: User | None, pk: UUID) -> ForMember | None:
    """The round, as long as it waits for this person's answer."""
    if person is None:
        return None
    asked = (
        ConsentRound.objects.visible_to(person)
        .open()
        .unanswered_by(person)
        .filter(pk=pk)
        .select_related("amendment__cohort")
        .first()
    )
    if asked is None:
        return None
    amendment = asked.amendment
    membership = (
        Membership.objects.active()
        .filter(person=person, cohort=amendment.cohort_id)
        .order_by("pk")
        .first()
    )
    assert membership is not None  # `unanswered_by` asks members only
    return ForMember(
        person,
        amendment.cohort,
        _decision(amendment),
        until=asked.closes_at,
        answer_path=reverse(
            "charters:answer_link", args=[answer_token(asked, membership)]
        ),
    )


def _open_round(person: User | None, pk: UUID) -> ForMember | None:
    if person is None:
        return None
    asked = (
        ConsentRound.objects.visible_to(person)
        .open()
        .filter(pk=pk)
        .select_related("amendment__cohort")
        .first()
    )
    if asked is None:
        return None
    amendment = asked.amendment
    return ForMember(
        person,
        amendment.cohort,
        _decision(amendment),
        until=asked.closes_at,
        advice=asked.is_advice,
    )


def _standing_objection(person: User | None, pk: UUID) -> ForMember | None:
    if person is None:
        return None
    objection = (
        Consent.objects.visible_to(person)
        .objections()
        .filter(pk=pk, voided_at=None, round__closed_at=None)
        .select_related("round__amendment__cohort")
        .first()
    )
    if objection is None:
        return None
    amendment = objection.round.amendment
    path = reverse(
        "charters:decision_integrate", args=[amendment.cohort.slug, objection.pk]
    )
    return ForMember(person, amendment.cohort, path)


def _talked_about(person: User | None, pk: UUID) -> ForMember | None:
    """The proposal, as long as it asks for questions or first reactions."""
    if person is None:
        return None
    amendment = (
        Amendment.objects.visible_to(person)
        .filter(pk=pk, state__in=(Amendment.State.CLARIFY, Amendment.State.REACT))
        .select_related("cohort")
        .first()
    )
    membership = (
        Membership.objects.active()
        .filter(person=person, cohort=amendment.cohort_id)
        .order_by("pk")
        .first()
        if amendment
        else None
    )
    if amendment is None or membership is None:
        return None
    return ForMember(
        person,
        amendment.cohort,
        _decision(amendment),
        answer_path=reverse(
            "charters:talk_link", args=[talk_token(amendment, membership)]
        ),
        questions=amendment.state == Amendment.State.CLARIFY,
    )


def _gone_to_session(person: User | None, pk: UUID) -> ForMember | None:
    if person is None:
        return None
    amendment = (
        Amendment.objects.visible_to(person)
        .filter(pk=pk, state=Amendment.State.SENT_TO_SESSION)
        .select_related("cohort")
        .first()
    )
    if amendment is None:
        return None
    return ForMember(person, amendment.cohort, _decision(amendment))


def _version(person: User | None, pk: UUID) -> ForMember | None:
    if person is None:
        return None
    version = (
        CharterVersion.objects.visible_to(person)
        .filter(pk=pk)
        .select_related("cohort")
        .first()
    )
    if version is None:
        return None
    path = reverse(
        "charters:charter_version", args=[version.cohort.slug, version.number]
    )
    return ForMember(person, version.cohort, path, until=version.adopted_at)


def _awaited_review(person: User | None, pk: UUID) -> ForMember | None:
    if person is None:
        return None
    review = (
        QuarterlyReview.objects.visible_to(person)
        .awaited()
        .filter(pk=pk, cohort__finished_at=None)
        .select_related("cohort")
        .first()
    )
    if review is None:
        return None
    path = reverse("charters:review", args=[review.cohort.slug])
    seat = _seat(person, review.cohort)
    answer_path = (
        reverse("charters:note_link", args=[note_token(review, seat)])
        if seat and review.is_open
        else ""
    )
    return ForMember(
        person, review.cohort, path, review=review, answer_path=answer_path
    )


def _held_review(person: User | None, pk: UUID) -> ForMember | None:
    if person is None:
        return None
    review = (
        QuarterlyReview.objects.visible_to(person)
        .filter(pk=pk, cohort__finished_at=None)
        .exclude(held_at=None)
        .select_related("cohort")
        .first()
    )
    if review is None:
        return None
    path = reverse("charters:review_record", args=[review.cohort.slug, review.pk])
    return ForMember(person, review.cohort, path, review=review)


def _unnoted_review(person: User | None, pk: UUID) -> ForMember | None:
    """The review, as long as this person has written nothing for it."""
    found = _awaited_review(person, pk)
    written = (
        ReviewNote.objects.unsealed("whether the recipient has answered")
        .filter(review=pk, member__person=person)
        .exists()
    )
    return None if written else found


def _newcomer(person: User | None, pk: UUID) -> ForMember | None:
    """The seat, as long as its person has not said yes to the charter."""
    if person is None:
        return None
    member = newcomers().filter(pk=pk, person=person).first()
    if member is None:
        return None
    return ForMember(
        person,
        member.cohort,
        reverse("charters:welcome", args=[member.cohort.slug]),
        until=answer_by(member),
        answer_path=reverse("charters:welcome_link", args=[welcome_token(member)]),
        again=member.agreed_to is not None,  # type: ignore[attr-defined]
    )


def _notice(name: str, *, find: Any, reason: Any, **more: Any) -> Notice:
    return register(
        Notice(
            name=f"charters.{name}",
            template=f"charters/mail/{name}",
            purpose=more.pop("purpose", Purpose.DECISION),
            reason=reason,
            find=find,
            **more,
        )
    )


_MEMBER = _("You get this because you sit in this circle and its charter asks you.")
_PROPOSER = _("You get this because you proposed this change.")

ROUND_OPENED = _notice(
    "round_opened", find=_unanswered, reason=_MEMBER, on_unknown="hold"
)
OBJECTION_MENDED = _notice(
    "objection_mended",
    find=_unanswered,
    reason=_("You get this because you objected to this change."),
    on_unknown="hold",
)
TALK_OPENED = _notice("talk_opened", find=_talked_about, reason=_MEMBER)
TAKEN_TO_SESSION = _notice("taken_to_session", find=_gone_to_session, reason=_PROPOSER)
# Reminders only to those who have not answered.
ROUND_REMINDER = _notice("round_reminder", find=_unanswered, reason=_MEMBER)
ROUND_ENDED = _notice(
    "round_ended", find=_open_round, reason=_PROPOSER, asked_again=True
)
OBJECTION_RAISED = _notice(
    "objection_raised", find=_standing_objection, reason=_PROPOSER
)
VERSION_ADOPTED = _notice(
    "version_adopted", find=_version, reason=_MEMBER, purpose=Purpose.UPDATE
)
REVIEW_OPENED = _notice(
    "review_opened", find=_awaited_review, reason=_MEMBER, asked_again=True
)
REVIEW_CLOSING = _notice(
    "review_closing", find=_unnoted_review, reason=_MEMBER, asked_again=True
)
REVIEW_DUE = _notice(
    "review_due", find=_awaited_review, reason=_MEMBER, asked_again=True
)
REVIEW_OVERDUE = _notice(
    "review_overdue", find=_awaited_review, reason=_MEMBER, asked_again=True
)
_NEWCOMER = _("You get this because you joined this circle.")
NEWCOMER_ASKED = _notice(
    "newcomer_asked", find=_newcomer, reason=_NEWCOMER, asked_again=True
)
NEWCOMER_REMINDER = _notice(
    "newcomer_reminder", find=_newcomer, reason=_NEWCOMER, asked_again=True
)
CHARTER_LAPSED = _notice(
    "charter_lapsed", find=_awaited_review, reason=_MEMBER, asked_again=True
)
CHARTER_REVIVED = _notice("charter_revived", find=_held_review, reason=_MEMBER)


# --- In confidence ------------------------------------------------------------------
#
# Subjects and words say nothing of what it is about: mail is read over shoulders. They
# are held when nobody knows whether they left, and their rows are shown to nobody.


@dataclass(frozen=True)
class ToCall:
    """What a lead is told: an answer is overdue, and who can say more."""

    program: str
    person: User

    @property
    def who(self) -> str:
        return self.person.name

    @property
    def address(self) -> str:
        return self.person.email


def _case(person: User | None, pk: UUID) -> RepairCase | None:
    if person is None:
        return None
    return (
        RepairCase.objects.visible_to(person)
        .filter(pk=pk)
        .select_related("cohort")
        .first()
    )


def _in_confidence(person: User, case: RepairCase) -> ForMember:
    path = reverse("charters:in_confidence", args=[case.pk])
    return ForMember(person, case.cohort, path, until=case.answer_by)


def _case_to_answer(person: User | None, pk: UUID) -> ForMember | None:
    """The case, as long as this person's answer is awaited."""
    case = _case(person, pk)
    if person is None or case is None:
        return None
    if case.state != State.ASKED or case.addressee_id != person.pk:
        return None
    return _in_confidence(person, case)


def _case_to_hold(person: User | None, pk: UUID) -> ForMember | None:
    case = _case(person, pk)
    if person is None or case is None or case.third_id != person.pk:
        return None
    return _in_confidence(person, case)


def _case_of(person: User | None, pk: UUID) -> ForMember | None:
    case = _case(person, pk)
    return None if person is None or case is None else _in_confidence(person, case)


def _case_to_look_back_at(person: User | None, pk: UUID) -> ForMember | None:
    case = _case(person, pk)
    if person is None or case is None or case.state != State.SETTLED:
        return None
    return _in_confidence(person, case)


def _to_call(person: User | None, pk: UUID) -> ToCall | None:
    if person is None:
        return None
    overdue = (
        RepairOverdue.objects.visible_to(person)
        .filter(pk=pk)
        .select_related("program", "whom")
        .first()
    )
    return ToCall(overdue.program.name, overdue.whom) if overdue else None


_IN_IT = _("You get this because somebody wrote to you in confidence.")


def _discreet(name: str, *, find: Any, words: str = "in_confidence") -> Notice:
    return register(
        Notice(
            name=f"charters.{name}",
            template=f"charters/mail/{words}",
            # Not CARE: its name, in the last lines of a mail, tells of harm.
            purpose=Purpose.REQUEST,
            reason=_IN_IT
            if words == "in_confidence"
            else _("You get this because you lead this program."),
            find=find,
            on_unknown="hold",
            discreet=True,
        )
    )


REPAIR_ASKED = _discreet("repair_asked", find=_case_to_answer)
REPAIR_THIRD_ASKED = _discreet("repair_third_asked", find=_case_to_hold)
REPAIR_THIRD_OVERDUE = _discreet("repair_third_overdue", find=_case_to_hold)
REPAIR_NEWS = _discreet("repair_news", find=_case_of)
REPAIR_CHECK_BACK = _discreet("repair_check_back", find=_case_to_look_back_at)
REPAIR_OVERDUE = _discreet("repair_overdue", find=_to_call, words="to_call")
