"""A concern, before anybody else knows of it; its third person; and asking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from charters import notices
from charters.course import Ending, Part, Way
from charters.holding import ACTING, answer_by, tell
from charters.models import RepairCase, RepairConcern, RepairSaying
from charters.support import Choice, choice_for
from cohorts.models import Membership
from people.models import User, create_once
from people.refusal import Refused


@transaction.atomic
def note_down(
    *,
    by: Membership,
    addressee: Membership,
    happened: str,
    impact: str,
    now: datetime,
    wish: str = "",
    way: str = Way.ROOM.value,
    left_out: list[UUID] | None = None,
    lang: str = "en",
    client_key: UUID | None = None,
) -> RepairConcern:
    """Write it down for oneself. Nobody is told of anything."""
    by.cohort.must_be_open()
    _addressee_fits(by, addressee)
    concern, _made = create_once(
        RepairConcern,
        client_key=client_key,
        person=by.person,
        cohort=by.cohort,
        addressee_id=addressee.person_id,
        left_out=[pk for pk in left_out or [] if pk != addressee.person_id],
        happened=happened.strip(),
        impact=impact.strip(),
        wish=wish.strip(),
        way=way,
        lang=lang,
        written_at=now,
    )
    return concern


@transaction.atomic
def reword(
    concern: RepairConcern,
    *,
    by: Membership,
    addressee: Membership,
    happened: str,
    impact: str,
    wish: str,
    way: str,
    left_out: list[UUID],
    now: datetime,
) -> RepairConcern:
    """Other words for what nobody else has read yet."""
    concern = _own_concern(concern, by=by)
    _addressee_fits(by, addressee)
    concern.addressee_id = addressee.person_id
    concern.left_out = [pk for pk in left_out if pk != addressee.person_id]
    concern.happened, concern.impact = happened.strip(), impact.strip()
    concern.wish, concern.way = wish.strip(), way
    concern.written_at = now
    concern.edition += 1
    concern.save()
    return concern


@transaction.atomic
def drop(concern: RepairConcern, *, by: Membership) -> None:
    RepairConcern.objects.unsealed("one's own words").filter(
        pk=concern.pk, person=by.person_id
    ).delete()


def _addressee_fits(by: Membership, addressee: Membership) -> None:
    if by.left_at is not None:
        raise Refused(_("Only people who sit in this circle can do that."))
    if addressee.cohort_id != by.cohort_id or addressee.left_at is not None:
        raise Refused(_("This person is not in your circle any more."))
    if addressee.person_id == by.person_id:
        raise Refused(_("A repair conversation is with somebody else."))


def _own_concern(concern: RepairConcern, *, by: Membership) -> RepairConcern:
    held = (
        RepairConcern.objects.unsealed("one's own words")
        .select_for_update()
        .filter(pk=concern.pk, person=by.person_id, cohort=by.cohort_id)
        .first()
    )
    if held is None:
        raise Refused(_("You have sent this, or thrown it away."))
    return held


def thirds_for(concern: RepairConcern) -> Choice:
    """Whom of the support list one may choose, and who is left out by the concern."""
    return choice_for(
        concern.cohort,
        parties=(concern.person_id, concern.addressee_id),
        left_out=concern.left_out,
        words=(concern.happened, concern.impact, concern.wish),
    )


@transaction.atomic
def send(
    concern: RepairConcern, *, by: Membership, third: User, now: datetime
) -> RepairCase:
    """Ask the other one. Sending twice asks once."""
    try:
        concern = _own_concern(concern, by=by)
    except Refused:
        # Sent twice at the same moment: the other one went first.
        sent = (
            RepairCase.objects.unsealed("one's own form, sent again")
            .filter(pk=concern.pk, asker=by.person_id)
            .first()
        )
        if sent is None:
            raise
        return sent
    by.cohort.must_be_open()
    seat = (
        Membership.objects.active()
        .filter(cohort=concern.cohort_id, person=concern.addressee_id)
        .first()
    )
    if seat is None or by.left_at is not None:
        raise Refused(_("This person is not in your circle any more."))
    _one_after_the_other(concern)
    _may_be_asked_now(concern)
    if third not in thirds_for(concern).free:
        raise Refused(
            _(
                "Choose a third person who is on the support list and not part of the "
                "concern."
            )
        )
    case = RepairCase.objects.create(
        pk=concern.pk,
        cohort_id=concern.cohort_id,
        asker_id=concern.person_id,
        addressee_id=concern.addressee_id,
        third=third,
        third_due_at=answer_by(third, now=now),
        left_out=concern.left_out,
        way=concern.way,
        asked_at=now,
        moved_at=now,
        answer_by=answer_by(concern.addressee, now=now),
    )
    for kind, words in (
        (RepairSaying.Kind.HAPPENED, concern.happened),
        (RepairSaying.Kind.IMPACT, concern.impact),
        (RepairSaying.Kind.WISH, concern.wish),
    ):
        if words:
            RepairSaying.objects.create(
                cohort_id=case.cohort_id,
                case=case,
                author_id=case.asker_id,
                kind=kind,
                words=words,
                lang=concern.lang,
                said_at=now,
            )
    concern.delete()
    tell(notices.REPAIR_ASKED, case, Part.ADDRESSEE, now=now)
    tell(notices.REPAIR_THIRD_ASKED, case, Part.THIRD, now=now)
    return case


def _one_after_the_other(concern: RepairConcern) -> None:
    """What these two ask of each other at one moment, in any circle, forms a line."""
    two = User.objects.filter(pk__in=(concern.person_id, concern.addressee_id))
    list(two.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _may_be_asked_now(concern: RepairConcern) -> None:
    """One conversation of the same two at a time; and a no stands for a while.

    It stands until that case is forgotten: after thirty days nobody knows of it.
    """
    two = (concern.person_id, concern.addressee_id)
    between = RepairCase.objects.unsealed(ACTING).filter(
        asker__in=two, addressee__in=two
    )
    if between.open().exists():
        raise Refused(
            _(
                "There is a conversation of you two already. It is on the page of "
                "repair; go on there, or end it first."
            )
        )
    # Asked again after a no, and then taken back: the no stands just the same.
    first_asked = RepairSaying.objects.unsealed(ACTING).filter(
        case=OuterRef("pk"),
        kind=RepairSaying.Kind.HAPPENED,
        said_at__lt=OuterRef("asked_at"),
    )
    after_a_no = Q(ending=Ending.LET_GO) | Q(
        Exists(first_asked), ending=Ending.WITHDRAWN
    )
    if between.filter(after_a_no, asker=concern.person_id).exists():
        raise Refused(
            _(
                "They said no within the last thirty days, and that stands for now. "
                "Your words stay here. You can talk with somebody of the support list, "
                "or with the care contact."
            )
        )
