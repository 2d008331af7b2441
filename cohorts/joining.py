"""Coming into a cohort, changing one's place in it, and leaving it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import (
    Application,
    Cohort,
    CompositionGroup,
    Invitation,
    Membership,
    Role,
    hash_of_link,
)
from cohorts.models.membership import MembershipQuerySet
from cohorts.rights import must_keep
from cohorts.welcomes import INVITATION
from people import outbox
from people.models import OutboxMessage, User, record
from people.refusal import Refused

LASTS = timedelta(days=21)
# So many mails to one address in an hour; more help nobody but a nuisance.
MOST_IN_AN_HOUR = 5


# Inviting


@transaction.atomic
def invite(
    to: str,
    *,
    into: Cohort,
    by: User,
    role: str = Role.MEMBER,
    called: str = "",
    language: str = "",
    application: Application | None = None,
    founding: bool = False,
    in_place_of: Membership | None = None,
    now: datetime | None = None,
) -> Invitation:
    """Offer a seat to a mail address. Asking again while one waits changes nothing.

    `founding` is for the circle that begins the cohort: they read it from its
    first day, whoever accepts first. `in_place_of` is the seat that ends when this
    one is taken. Refused for an address that sits there.
    """
    now = now or timezone.now()
    must_keep(by, into)
    into.must_be_open()
    email = to.strip().lower()
    if (
        Membership.objects.active()
        .filter(cohort=into, person__email__iexact=email)
        .exists()
    ):
        raise Refused(_("This person sits in the cohort already."))
    return _offer(
        into,
        email,
        by=by,
        now=now,
        role=role,
        called=called,
        language=language,
        application=application,
        founding=founding,
        in_place_of=in_place_of,
    )


def _offer(
    into: Cohort, email: str, *, by: User, now: datetime, **terms: Any
) -> Invitation:
    waiting = Invitation.objects.unsealed("one waiting invitation for an address")
    # Two people inviting the same address take turns at the cohort's row.
    Cohort.objects.select_for_update().get(pk=into.pk)
    earlier = waiting.waiting().filter(cohort=into, email__iexact=email).first()
    if earlier is not None:
        same = ("role", "in_place_of")
        if all(getattr(earlier, name) == terms[name] for name in same):
            return earlier if earlier.is_live(now) else _send_again(earlier, now=now)
        # Asked for something else than before: the newer question holds.
        earlier.revoked_at = now
        earlier.save(update_fields=["revoked_at"])
    invitation = Invitation(
        cohort=into,
        email=email,
        made_at=now,
        made_by=by,
        sent_at=now,
        expires_at=now + LASTS,
        **terms,
    )
    invitation.token_hash = hash_of_link(invitation.secret())
    invitation.save()
    _queue(invitation, now=now)
    record("invitation.make", by=by, about=invitation, place=into.pk)
    return invitation


@transaction.atomic
def replace(
    membership: Membership,
    *,
    to: str,
    by: User,
    called: str = "",
    now: datetime | None = None,
) -> Invitation:
    """Invite somebody in the place of another, who keeps the seat until it is taken.

    The new one takes the same role and reads nothing from before.
    """
    if membership.person_id == by.pk and membership.left_at is None:
        raise Refused(_("For your own seat, hand it over and then leave the cohort."))
    return invite(
        to,
        into=membership.cohort,
        by=by,
        role=membership.role,
        called=called,
        in_place_of=membership,
        now=now,
    )


@transaction.atomic
def ask_to_hold(
    membership: Membership,
    *,
    by: User,
    in_place_of: Membership | None = None,
    now: datetime | None = None,
) -> Invitation:
    """Ask a member to hold the cohort, as well or in the place of a facilitator.

    Nothing changes before they say yes; who hands over stays as a member.
    """
    cohort = membership.cohort
    must_keep(by, cohort)
    cohort.must_be_open()
    if membership.left_at is not None:
        raise Refused(_("This person has left the cohort."))
    if membership.is_facilitator:
        raise Refused(_("This person holds the cohort already."))
    if in_place_of is not None and (
        in_place_of.cohort_id != cohort.pk or not in_place_of.is_facilitator
    ):
        raise Refused(_("Choose somebody else of this cohort."))
    return _offer(
        cohort,
        membership.person.email.lower(),
        by=by,
        now=now or timezone.now(),
        role=Role.FACILITATOR,
        called=membership.person.called,
        language=membership.person.language,
        in_place_of=in_place_of,
        old_one_stays=True,
    )


def _queue(invitation: Invitation, *, now: datetime) -> None:
    outbox.queue(
        INVITATION,
        to=invitation.email,
        about=invitation,
        key=f"{invitation.pk}:{invitation.links_made}",
        send_after=now,
        not_after=invitation.expires_at,
        language=invitation.language,
    )


@transaction.atomic
def resend(
    invitation: Invitation, *, by: User, now: datetime | None = None
) -> Invitation:
    """A new link by a new mail; the older link opens nothing any more."""
    now = now or timezone.now()
    must_keep(by, invitation.cohort)
    invitation.cohort.must_be_open()
    invitation = _locked(invitation)
    if invitation.state_at(now) not in ("waiting", "expired"):
        raise Refused(_("This invitation has been answered or taken back."))
    lately = OutboxMessage.objects.filter(
        notice=INVITATION.name,
        about_id=invitation.pk,
        created_at__gt=now - timedelta(hours=1),
    )
    if lately.count() >= MOST_IN_AN_HOUR:
        raise Refused(
            _(
                "Several mails went to this address within an hour. Wait a while, or "
                "ask the person whether the address is right."
            )
        )
    _send_again(invitation, now=now)
    record("invitation.resend", by=by, about=invitation, place=invitation.cohort_id)
    return invitation


def _send_again(invitation: Invitation, *, now: datetime) -> Invitation:
    invitation.links_made += 1
    invitation.token_hash = hash_of_link(invitation.secret())
    invitation.sent_at, invitation.expires_at = now, now + LASTS
    invitation.save()
    _queue(invitation, now=now)
    return invitation


@transaction.atomic
def revoke(invitation: Invitation, *, by: User, now: datetime | None = None) -> None:
    """Take an invitation back; taking back one that was taken back changes nothing."""
    must_keep(by, invitation.cohort)
    invitation = _locked(invitation)
    if invitation.accepted_at or invitation.declined_at:
        raise Refused(_("This invitation has been answered meanwhile."))
    if invitation.revoked_at is None:
        invitation.revoked_at = now or timezone.now()
        invitation.save(update_fields=["revoked_at"])
        record("invitation.revoke", by=by, about=invitation, place=invitation.cohort_id)


def _locked(invitation: Invitation) -> Invitation:
    return (
        Invitation.objects.unsealed("the row that is being changed")
        .select_for_update(of=("self",))
        .select_related("cohort__program")
        .get(pk=invitation.pk)
    )


# Answering


def invitation_of(secret: str) -> Invitation | None:
    """The invitation with this link, whatever became of it. Looking changes nothing."""
    return (
        Invitation.objects.unsealed("compares the hash of a link")
        .filter(token_hash=hash_of_link(secret))
        .select_related("cohort__program", "made_by", "membership", "application")
        .first()
    )


def asks_to_hold(invitation: Invitation) -> bool:
    """Whether it asks somebody who sits in the cohort to hold it."""
    return (
        invitation.role == Role.FACILITATOR
        and invitation.old_one_stays
        and invitation.state != "accepted"
    )


def is_for(invitation: Invitation, person: Any) -> bool:
    """Whether the invitation was sent to this account."""
    if not person.is_authenticated:
        return False
    applied = invitation.application and invitation.application.applicant_id
    return person.email.lower() == invitation.email.lower() or applied == person.pk


@transaction.atomic
def accept(
    invitation: Invitation, *, by: User, now: datetime | None = None
) -> Membership:
    """Take the seat. Accepting again gives the same seat, while it is held."""
    now = now or timezone.now()
    if not is_for(invitation, by):
        raise Refused(_("This invitation was sent to another address."))
    invitation = _locked(invitation)
    held = invitation.membership
    if held is not None and held.person_id == by.pk and held.left_at is None:
        return held
    if not invitation.is_live(now):
        raise Refused(_("This invitation can no longer be used. Ask for a new one."))
    invitation.cohort.must_be_open()
    cohort = invitation.cohort
    seat = Membership.objects.active().filter(cohort=cohort, person=by).first()
    if seat is None:
        try:
            with transaction.atomic():
                seat = Membership.objects.create(
                    cohort=cohort,
                    person=by,
                    role=invitation.role,
                    joined_at=now,
                    reads_from=cohort.created_at if invitation.founding else now,
                )
        except IntegrityError:
            # Another invitation of theirs was accepted at the same moment.
            seat = Membership.objects.active().get(cohort=cohort, person=by)
    if invitation.role == Role.FACILITATOR and not seat.is_facilitator:
        _give_role(seat, Role.FACILITATOR, act="membership.facilitate", by=by)
    if invitation.in_place_of_id is not None:
        _make_way(invitation, for_=seat, now=now)
    if invitation.application is None:
        invitation.application = _application_behind(by, cohort)
    invitation.accepted_at, invitation.membership = now, seat
    invitation.save(update_fields=["accepted_at", "membership", "application"])
    if invitation.application is not None:
        _answer_the_offer(
            invitation.application, Application.Reply.ACCEPTED, by=by, now=now
        )
    record("invitation.accept", by=by, about=invitation, place=cohort.pk)
    return seat


def _application_behind(person: User, cohort: Cohort) -> Application | None:
    """With which application somebody comes who was invited by hand.

    One with a seat, to the call that this cohort came from, and that led nowhere yet:
    who moved up, or takes over a place, sits there by it as everybody else does.
    """
    calls = CompositionGroup.objects.unsealed("the call that a cohort came from")
    led = Invitation.objects.unsealed("whether it led to a seat already")
    return (
        Application.objects.unsealed("their own, which brings them here")
        .accepted()
        .filter(
            ~Exists(
                led.filter(
                    application=OuterRef("pk"), membership__left_at=None
                ).exclude(membership=None)
            ),
            applicant=person,
            intake__in=calls.filter(cohort=cohort).values("composition__intake"),
        )
        .order_by("-replied_at")
        .first()
    )


def _make_way(invitation: Invitation, *, for_: Membership, now: datetime) -> None:
    """The one whose place was taken becomes a member, or leaves."""
    old = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("cohort", "person")
        .get(pk=invitation.in_place_of_id or for_.pk)
    )
    if old.left_at is not None or old.pk == for_.pk:
        return
    by = invitation.made_by or for_.person
    if not invitation.old_one_stays:
        _stand_up(old, act="membership.replace", by=by, now=now)
    elif for_.is_facilitator:
        _give_role(old, Role.MEMBER, act="membership.hand_over", by=by)


@transaction.atomic
def decline(
    invitation: Invitation,
    *,
    by: User | None = None,
    note: str = "",
    now: datetime | None = None,
) -> None:
    """Say no, with or without words. Whoever holds the link may; no account needed."""
    now = now or timezone.now()
    invitation = _locked(invitation)
    if invitation.declined_at:
        return
    if not invitation.is_live(now):
        raise Refused(_("This invitation can no longer be answered."))
    invitation.declined_at, invitation.note = now, note
    invitation.save(update_fields=["declined_at", "note"])
    if invitation.application is not None:
        _answer_the_offer(
            invitation.application, Application.Reply.REFUSED, by=by, now=now
        )
    record("invitation.decline", by=by, about=invitation, place=invitation.cohort_id)


def _answer_the_offer(
    application: Application, reply: str, *, by: User | None, now: datetime
) -> None:
    """Who answers the invitation has answered the offer, if they had not yet.

    From now on the application is theirs to read and to take along, too.
    """
    same = Application.objects.unsealed("the applicant answers by the invitation")
    same.filter(
        pk=application.pk, outcome=Application.Outcome.OFFERED, reply=""
    ).update(reply=reply, replied_at=now)
    if by is None or application.applicant_id is not None:
        return
    others = same.submitted().filter(intake=application.intake_id, applicant=by)
    if not others.exists():
        same.filter(pk=application.pk, applicant=None).update(applicant=by)


def sits_in(application: Application) -> Cohort | None:
    """The cohort that an application led to, while its person sits there.

    Call it only for the applicant.
    """
    led = (
        Invitation.objects.unsealed("where their own application led")
        .filter(application=application, membership__left_at=None)
        .exclude(membership=None)
        .select_related("cohort")
        .first()
    )
    return led.cohort if led else None


# Staying, changing, leaving


@transaction.atomic
def leave(membership: Membership, *, by: User, now: datetime | None = None) -> None:
    """Give up one's own seat. What was said stays; access ends at this moment."""
    if membership.person_id != by.pk:
        raise PermissionDenied(_("Only the person themselves can leave."))
    _stand_up(membership, act="membership.leave", by=by, now=now)


@transaction.atomic
def remove(membership: Membership, *, by: User, now: datetime | None = None) -> None:
    """End somebody's seat. They lose access at once and may still take their words."""
    must_keep(by, membership.cohort)
    if membership.person_id == by.pk:
        raise Refused(_("To give up your own seat, leave the cohort."))
    _stand_up(membership, act="membership.remove", by=by, now=now)


def _stand_up(
    membership: Membership, *, act: str, by: User, now: datetime | None
) -> None:
    others = _seats(membership.cohort).exclude(pk=membership.pk)
    seat = Membership.objects.select_for_update().get(pk=membership.pk)
    if seat.left_at is not None:
        return
    last_one = seat.is_facilitator and not any(s.is_facilitator for s in others)
    if last_one and others and not membership.cohort.is_finished:
        raise Refused(
            _(
                "Somebody has to hold the cohort. Hand facilitation over first; then "
                "this seat can be given up."
            )
        )
    seat.left_at = membership.left_at = now or timezone.now()
    seat.save(update_fields=["left_at"])
    # What waits for them here would bring them back, or make them a facilitator.
    Invitation.objects.unsealed("dead when the membership ends").waiting().filter(
        cohort=seat.cohort_id, email__iexact=membership.person.email
    ).update(revoked_at=seat.left_at)
    record(act, by=by, about=seat, place=seat.cohort_id)


def _seats(cohort: Cohort) -> MembershipQuerySet:
    # The cohort's row is the turnstile: two facilitators who leave at the same
    # moment would otherwise each see the other still there.
    Cohort.objects.select_for_update().get(pk=cohort.pk)
    return Membership.objects.active().filter(cohort=cohort)


@transaction.atomic
def add_facilitator(membership: Membership, *, by: User) -> None:
    """Let a member hold the cohort as well."""
    must_keep(by, membership.cohort)
    membership.cohort.must_be_open()
    _give_role(membership, Role.FACILITATOR, act="membership.facilitate", by=by)


@transaction.atomic
def step_down(membership: Membership, *, by: User) -> None:
    """Stop holding the cohort and stay as a member, while somebody else holds it."""
    if membership.person_id != by.pk:
        raise PermissionDenied(_("Only the person themselves can step down."))
    others = _seats(membership.cohort).facilitators().exclude(pk=membership.pk)
    if not others.exists() and not membership.cohort.is_finished:
        raise Refused(
            _(
                "Somebody has to hold the cohort. Hand facilitation over first; then "
                "you can step down."
            )
        )
    _give_role(membership, Role.MEMBER, act="membership.step_down", by=by)


@transaction.atomic
def hand_over(membership: Membership, *, to: Membership, by: User) -> None:
    """Give facilitation to another member and become a member oneself."""
    if membership.person_id != by.pk:
        must_keep(by, membership.cohort)
    membership.cohort.must_be_open()
    if membership.cohort_id != to.cohort_id or to.pk == membership.pk:
        raise Refused(_("Choose somebody else of this cohort."))
    if not membership.is_facilitator:
        raise PermissionDenied(_("Only a facilitator can hand facilitation over."))
    _seats(membership.cohort)
    _give_role(to, Role.FACILITATOR, act="membership.facilitate", by=by)
    _give_role(membership, Role.MEMBER, act="membership.hand_over", by=by)


def _give_role(membership: Membership, role: str, *, act: str, by: User) -> None:
    seat = Membership.objects.select_for_update().get(pk=membership.pk)
    if seat.left_at is not None:
        raise Refused(_("This person has left the cohort."))
    if seat.role != role:
        seat.role = membership.role = role
        seat.save(update_fields=["role"])
        record(act, by=by, about=seat, place=seat.cohort_id)


@transaction.atomic
def finish(cohort: Cohort, *, by: User, now: datetime | None = None) -> Cohort:
    """Close the circle: from now on everything in it is read and nothing added.

    Invitations still on their way are taken back.
    """
    must_keep(by, cohort)
    now = now or timezone.now()
    fresh = Cohort.objects.select_for_update().get(pk=cohort.pk)
    if fresh.finished_at is None:
        fresh.finished_at = now
        fresh.save(update_fields=["finished_at"])
        Invitation.objects.unsealed("no one joins a finished cohort").waiting().filter(
            cohort=cohort
        ).update(revoked_at=now)
        record("cohort.finish", by=by, about=cohort, place=cohort.pk)
    cohort.finished_at = fresh.finished_at
    return cohort
