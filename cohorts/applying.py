"""Writing an application, sending it, taking it back, answering an offer.

Whoever writes may have no account: then a `Holder` stands for the browser that
opened their link.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cohorts import attachments, notices, showing
from cohorts.arrivals import Arrival, arrive
from cohorts.links import (
    Actor,
    Holder,
    is_applicant,
    is_mailbox_of,
    prepare,
    proves_the_address,
)
from cohorts.models import (
    Application,
    BlindCopy,
    Draft,
    DraftFile,
    Intake,
    Invitation,
    Permit,
    Question,
    ResumeToken,
)
from people import outbox
from people.models import User, create_once, record
from people.refusal import Refused

PAGES = (1, 2, 3, 4)
SPOKEN = dict(settings.LANGUAGES)

Typed = Mapping[str, str | list[str]]


# --- Drafts -------------------------------------------------------------------


def draft_of(intake: Intake, by: Actor) -> Draft | None:
    """The draft that this person, or this browser, is writing."""
    drafts = Draft.objects.filter(intake=intake, sent_as=None)
    if isinstance(by, Holder):
        if by.draft_id is None:
            return None
        found = (
            drafts.unsealed("held by the browser that wrote it or opened its link")
            .filter(pk=by.draft_id)
            .first()
        )
        return None if found and _goes_on_elsewhere(found, by) else found
    return drafts.visible_to(by).order_by("-saved_at").first()


def _goes_on_elsewhere(draft: Draft, by: Actor) -> bool:
    """Whether the owner of the address goes on from the mailed link, and `by` began
    it without ever opening one."""
    if not isinstance(by, Holder) or not draft.proved_address:
        return False
    return by.address.lower() not in (
        draft.proved_address.lower(),
        draft.email.lower() or draft.proved_address.lower(),
    )


def is_elsewhere(intake: Intake, by: Actor) -> bool:
    """Whether what this browser began goes on from the link in the mail."""
    if not isinstance(by, Holder) or by.draft_id is None:
        return False
    drafts = Draft.objects.unsealed("whether the browser that began it still writes")
    draft = drafts.filter(pk=by.draft_id, intake=intake, sent_as=None).first()
    return draft is not None and _goes_on_elsewhere(draft, by)


def elsewhere() -> Refused:
    return Refused(
        _(
            "This application goes on from the link in the mail; open it there. If "
            "you want to write one of your own, come back to this page."
        )
    )


def refuse_if_closed(intake: Intake, *, now: datetime) -> None:
    if not intake.takes_applications(now=now):
        raise Refused(
            _(
                "This call is not taking applications now. What you have written "
                "stays kept, and you can read it any time."
            )
        )


@transaction.atomic
def begin(
    intake: Intake,
    *,
    by: Actor,
    typed: Typed,
    client_key: UUID | None = None,
    now: datetime,
) -> Draft:
    """The first line was written. Sent twice, it is one draft."""
    refuse_if_closed(intake, now=now)
    earlier = draft_of(intake, by)
    if earlier is not None:
        return keep(earlier, by=by, page=1, typed=typed, now=now)
    person = by if isinstance(by, User) else None
    try:
        draft, _new = create_once(
            Draft,
            client_key=client_key,
            intake=intake,
            person=person,
            email=person.email if person else "",
            language=get_language() or "",
            typed={},
            started_at=now,
            saved_at=now,
        )
    except IntegrityError:  # begun on another device in the same moment
        begun = draft_of(intake, by)
        if begun is None:
            raise
        draft = begun
    holder = by if person else Holder(draft_id=draft.pk)
    return keep(draft, by=holder, page=1, typed=typed, now=now)


@transaction.atomic
def keep(
    draft: Draft,
    *,
    by: Actor,
    page: int,
    typed: Typed,
    done: bool | None = None,
    now: datetime,
) -> Draft:
    """Keep what stands in the fields of one page, right or wrong.

    `done` tells whether the page is right now; None (saved by itself) leaves that.
    """
    _must_write(draft, by)
    kept = (
        Draft.objects.unsealed("its writer saves it, one device at a time")
        .select_for_update()
        .get(pk=draft.pk)
    )
    _must_go_on(kept, by)
    draft.typed = {**kept.typed, **{name: _cut(v) for name, v in typed.items()}}
    if page == 1 and draft.person_id is None:
        draft.email = str(typed.get("email", "")).strip()[:254]
    draft.proved_address = kept.proved_address
    if isinstance(by, Holder) and by.address.lower() == draft.email.lower():
        draft.proved_address = by.address
    if done is not None:
        draft.done = sorted({*kept.done, page} if done else {*kept.done} - {page})
    draft.saved_at = now
    draft.edition = kept.edition + 1
    draft.save(
        update_fields=[
            "typed",
            "email",
            "proved_address",
            "done",
            "saved_at",
            "edition",
        ]
    )
    return draft


def _cut(value: str | list[str]) -> str | list[str]:
    if isinstance(value, list):
        return [v[:200] for v in value[:400]]
    return value[:10_000]


def seal_of(draft: Draft | None, names: Iterable[str]) -> str:
    """A short word for what these fields hold; another one when another device
    wrote them meanwhile."""
    typed = draft.typed if draft else {}
    held = [[name, typed.get(name, "")] for name in sorted(names)]
    return hashlib.sha256(json.dumps(held).encode()).hexdigest()[:16]


@transaction.atomic
def keep_file(
    draft: Draft, *, by: Actor, question: Question, upload: Any, now: datetime
) -> DraftFile:
    """Keep a recording or a file as the answer to one question."""
    _must_write(draft, by)
    kept = (
        Draft.objects.unsealed("its writer saves it, one device at a time")
        .select_for_update()
        .get(pk=draft.pk)
    )
    _must_go_on(kept, by)
    if question.intake_id != draft.intake_id or not question.takes_upload:
        raise Refused(_("This question takes no file."))
    return attachments.keep(draft, question=question, upload=upload, now=now)


@transaction.atomic
def drop_file(draft: Draft, *, by: Actor, question_id: UUID) -> None:
    """Remove it, from the disk too."""
    _must_write(draft, by)
    if _goes_on_elsewhere(draft, by):
        raise elsewhere()
    kept = attachments.of_draft(draft).get(question_id)
    attachments.drop([kept] if kept else [])


def _must_go_on(kept: Draft, by: Actor) -> None:
    """Asked of the row that is held: not sent, nor gone on with elsewhere meanwhile."""
    if kept.sent_as_id:
        raise Refused(_("This application was sent already."))
    if _goes_on_elsewhere(kept, by):
        raise elsewhere()


def _must_write(draft: Draft, by: Actor) -> None:
    own = (
        by.draft_id == draft.pk
        if isinstance(by, Holder)
        else draft.person_id is not None and draft.person_id == by.pk
    )
    if not own:
        raise PermissionDenied(_("Only its writer can change an application."))


@transaction.atomic
def send_link(draft: Draft, *, by: Actor, now: datetime, again: bool = False) -> bool:
    """Mail the link that opens this draft on any device.

    Once for an address, unless asked for `again`. False when there is no address,
    or it had too many letters already.
    """
    _must_write(draft, by)
    return _mail_link(draft, now=now, again=again)


def _mail_link(draft: Draft, *, now: datetime, again: bool) -> bool:
    if not draft.email:
        return False
    earlier = ResumeToken.objects.unsealed("whether this link went out").filter(
        draft=draft, sent_to__iexact=draft.email
    )
    if not again and earlier.exists():
        return False
    # An address that was mistyped keeps no way in.
    ResumeToken.objects.unsealed("links to an address that was mended").filter(
        draft=draft
    ).exclude(sent_to__iexact=draft.email).delete()
    token = prepare(
        purpose=ResumeToken.Purpose.RESUME, to=draft.email, draft=draft, now=now
    )
    if token is None:
        return False
    outbox.queue(
        notices.RESUME,
        to=draft.email,
        about=token,
        key=str(token.pk),
        language=draft.language,
    )
    return True


@transaction.atomic
def ask_for_link(intake: Intake, *, address: str, now: datetime) -> None:
    """Somebody lost their link. Whether we know the address is told to it alone."""
    draft = (
        Draft.objects.unsealed("the link goes to the draft's own address only")
        .filter(intake=intake, email__iexact=address, sent_as=None)
        .order_by("-saved_at")
        .first()
    )
    if draft is not None:
        _mail_link(draft, now=now, again=True)
    application = _open_application(intake, address=address)
    if application is not None:
        _tell(notices.RECEIPT, application, now=now)


@transaction.atomic
def throw_away(draft: Draft, *, by: Actor) -> None:
    """Delete everything typed, now."""
    _must_write(draft, by)
    if _goes_on_elsewhere(draft, by):
        raise elsewhere()
    attachments.drop(attachments.of_draft(draft).values())
    draft.delete()


# --- Sending ------------------------------------------------------------------


@transaction.atomic
def submit(
    draft: Draft, *, by: Actor, arrival: Arrival, now: datetime
) -> Application | None:
    """Send it. Sent twice, it is one application, with one receipt.

    None when an application from this address is here already and nothing proves
    that it is the same person's: the address alone is told.
    """
    _must_write(draft, by)
    draft = (
        Draft.objects.unsealed("its writer sends it, once")
        .select_for_update(of=("self",))
        .select_related("intake__program")
        .get(pk=draft.pk)
    )
    if draft.sent_as_id:
        return Application.objects.unsealed("what this draft became").get(
            pk=draft.sent_as_id
        )
    _must_go_on(draft, by)
    intake = draft.intake
    refuse_if_closed(intake, now=now)
    person = by if isinstance(by, User) else None
    earlier = _open_application(intake, address=arrival.email, person=person)
    if earlier is None:
        try:
            with transaction.atomic():
                (application,) = arrive(
                    intake, [replace(arrival, applicant=person)], at=now
                )
        except IntegrityError:  # sent from another device in the same moment
            earlier = _open_application(intake, address=arrival.email, person=person)
            if earlier is None:
                raise
    if earlier is not None:
        if proves_the_address(
            by
            if isinstance(by, User)
            else Holder(application_id=earlier.pk, address=by.address),
            earlier,
        ):
            raise Refused(
                _(
                    "Your application to this call is here already. Withdraw it "
                    "first if you want to send another."
                )
            )
        _tell(notices.ALREADY_HERE, earlier, now=now)
        return None
    attachments.hand_over(draft, application)
    draft.sent_as = application
    draft.typed = {}  # the application holds it now
    draft.done = []
    draft.save(update_fields=["sent_as", "typed", "done"])
    record("application.submit", by=person, about=application, place=intake.program_id)
    _tell(notices.RECEIPT, application, now=now)
    return application


def _open_application(
    intake: Intake, *, address: str, person: User | None = None
) -> Application | None:
    same = Q(pk__in=())
    if address:
        same |= Q(email__iexact=address)
    if person is not None:
        same |= Q(applicant=person)
    return (
        Application.objects.unsealed("one application of a person to a call")
        .submitted()
        .filter(same, intake=intake)
        .order_by("-submitted_at")
        .first()
    )


def _tell(
    notice: outbox.Notice,
    application: Application,
    *,
    now: datetime,
    purpose: str = ResumeToken.Purpose.STATUS,
) -> None:
    if not application.email:
        return
    token = prepare(
        purpose=purpose, to=application.email, application=application, now=now
    )
    if token is not None:
        outbox.queue(
            notice,
            to=application.email,
            about=token,
            key=str(token.pk),
            language=application.language,
        )


# --- Afterwards ---------------------------------------------------------------


def application_of(intake: Intake, by: Actor) -> Application | None:
    """The latest application that this person sent, or this browser opened."""
    rows = Application.objects.filter(intake=intake)
    if isinstance(by, Holder):
        if by.application_id is None:
            return None
        rows = rows.unsealed("held by the browser that sent it or opened its link")
        found = rows.filter(pk=by.application_id).first()
        # The link went to an address that was found to have a fault since.
        astray = found and by.address and not is_mailbox_of(by.address, found)
        return None if astray else found
    return (
        rows.visible_to(by)
        .filter(applicant=by)
        .order_by("-submitted_at", "-pk")
        .first()
    )


@transaction.atomic
def withdraw(application: Application, *, by: Actor, now: datetime) -> Application:
    """Take it back, at any time before joining a cohort by it; a seat that was taken
    comes free. Withdrawing twice is withdrawing once.
    """
    if not is_applicant(by, application):
        raise PermissionDenied(_("Only the person who applied can withdraw."))
    # Held first, as by whoever accepts one: either they join, or they withdraw.
    ways_in = list(_ways_in(application).select_for_update(of=("self",)))
    application = _locked(application)
    if not application.is_open:
        return application
    refuse_if_seated(application)
    for one in ways_in:
        one.revoked_at = now
        one.save(update_fields=["revoked_at"])
    application.state = Application.State.WITHDRAWN
    application.withdrawn_at = now
    application.edition += 1
    application.save(update_fields=["state", "withdrawn_at", "edition"])
    showing.stop(application, now=now)
    # Nobody reads it any more.
    BlindCopy.objects.unsealed("the applicant withdrew").filter(
        application=application, closed_at=None
    ).update(closed_at=now)
    person = by if isinstance(by, User) else None
    record(
        "application.withdraw",
        by=person,
        about=application,
        place=application.program_id,
    )
    _tell(notices.WITHDRAWN, application, now=now)
    return application


def _ways_in(application: Application) -> QuerySet[Invitation]:
    """The invitations to a cohort that wait for this applicant's answer."""
    rows = Invitation.objects.unsealed("the applicant's own way into a cohort")
    return rows.waiting().filter(application=application).order_by("pk")


def refuse_if_seated(application: Application) -> None:
    """Who sits in a cohort by it gives up the seat there, and not from behind."""
    led = (
        Invitation.objects.unsealed("where their own application led")
        .filter(
            application=application,
            membership__isnull=False,
            membership__left_at=None,
        )
        .select_related("cohort")
        .first()
    )
    if led is not None:
        raise Refused(
            _(
                "You sit in %(cohort)s by this application, so it cannot be "
                "withdrawn. If you want to give up your seat, leave the cohort instead."
            )
            % {"cohort": led.cohort.name}
        )


@transaction.atomic
def take_seat(
    application: Application, *, by: Actor, person: User | None = None, now: datetime
) -> Application:
    """Accept the offer.

    From a mailed link the seat goes to the account of that address, made now if
    there is none (signing in is by a code to the same address). `person` is who is
    signed in and opened the link: theirs it is only if the address is one of theirs,
    for letters are passed on and read over shoulders.
    """
    application = _answering(application, by=by, now=now)
    if application.reply == Application.Reply.ACCEPTED:
        return application
    if isinstance(by, Holder):
        theirs = person if reads_mail_at(person, application.email) else None
        application.applicant = (
            application.applicant or theirs or _account_for(application)
        )
    application.reply = Application.Reply.ACCEPTED
    application.replied_at = now
    application.edition += 1
    try:
        with transaction.atomic():
            application.save(
                update_fields=["applicant", "reply", "replied_at", "edition"]
            )
    except IntegrityError as error:
        raise Refused(
            _("Another application of yours to this call has a seat already.")
        ) from error
    record(
        "application.take_seat",
        by=application.applicant,
        about=application,
        place=application.program_id,
    )
    _tell(notices.SEAT_TAKEN, application, now=now)
    return application


@transaction.atomic
def refuse_seat(application: Application, *, by: Actor, now: datetime) -> Application:
    """Say no to the offer, kindly taken; another person may get the seat."""
    application = _answering(application, by=by, now=now)
    if application.reply == Application.Reply.REFUSED:
        return application
    application.reply = Application.Reply.REFUSED
    application.replied_at = now
    application.edition += 1
    application.save(update_fields=["reply", "replied_at", "edition"])
    showing.stop(application, now=now)
    record(
        "application.refuse_seat",
        by=by if isinstance(by, User) else None,
        about=application,
        place=application.program_id,
    )
    return application


def _answering(application: Application, *, by: Actor, now: datetime) -> Application:
    if not proves_the_address(by, application):
        raise PermissionDenied(_("Only the person who applied can answer."))
    application = _locked(application)
    if not application.is_open or application.outcome != Application.Outcome.OFFERED:
        raise Refused(_("There is no offer to answer."))
    if application.reply == Application.Reply.REFUSED:
        raise Refused(
            _("You said no to this seat. Write to us if you have changed your mind.")
        )
    if application.reply == Application.Reply.LAPSED or (
        application.reply == Application.Reply.NONE
        and application.reply_by is not None
        and now > application.reply_by
    ):
        raise Refused(
            _("The time to answer has passed. Write to us if you still want the seat.")
        )
    if not application.intake.permits(Permit.REPLY, now=now):
        raise Refused(_("Answers to offers are not being taken now."))
    return application


def _locked(application: Application) -> Application:
    return (
        Application.objects.unsealed("its applicant acts on it, one at a time")
        .select_for_update(of=("self",))
        .select_related("intake__program", "applicant")
        .get(pk=application.pk)
    )


def reads_mail_at(person: User | None, address: str) -> bool:
    """Whether this is an address that the person showed to be theirs."""
    if person is None:
        return False
    verified = EmailAddress.objects.filter(
        user=person, email__iexact=address, verified=True
    )
    return person.email.lower() == address.lower() or verified.exists()


def _account_for(application: Application) -> User:
    """The account of the address, without a password when it is new."""
    known = User.objects.filter(email__iexact=application.email).first()
    if known is not None:
        return known
    return User.objects.create_user(
        application.email,
        called=application.called[:80],
        language=application.language if application.language in SPOKEN else "",
        languages=application.languages,
        timezone=application.timezone,
        availability=application.availability,
    )
