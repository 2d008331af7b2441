"""Invitations and agreements, as the person asked meets them."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth import login
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cohorts import agreements, joining, rights, showing
from cohorts.access import cohort_page, reader
from cohorts.forms.joining import NoteForm, SignForm, WelcomeForm
from cohorts.models import Cohort, Invitation, Membership
from people.access import by_link
from people.models import User

BACKEND = "people.adapters.AuthenticationBackend"


@never_cache
@by_link(why="the invited have no account yet; looking changes nothing")
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Who invites, what it costs, what others will see; then yes or no."""
    found = _found(secret)
    if found.state == "accepted" and _sits(request, found):
        return redirect("cohorts:cohort_home", found.cohort.slug)
    form = WelcomeForm(initial=_known_of(found))
    return _invitation_page(request, found, secret, form=form)


def _found(secret: str) -> Invitation:
    found = joining.invitation_of(secret)
    if found is None:
        raise Http404
    return found


def _sits(request: HttpRequest, found: Invitation) -> bool:
    seat = found.membership
    return bool(
        seat and request.user.is_authenticated and seat.person_id == request.user.pk
    )


def _known_of(found: Invitation) -> dict[str, str]:
    applied = found.application
    return {
        "language": found.language or (translation.get_language() or "")[:10],
        "called": found.called[:80],
        "timezone": applied.timezone if applied else found.cohort.timezone,
    }


def _invitation_page(
    request: HttpRequest,
    found: Invitation,
    secret: str,
    *,
    form: WelcomeForm,
    status: int = 200,
) -> HttpResponse:
    # The language switch first, then the letter's language, then the browser's wish.
    switched = request.user.is_authenticated or "django_language" in request.COOKIES
    if found.language and not switched:
        translation.activate(found.language)
    account = _account_of(found)
    here = reverse("cohorts:invitation", args=[secret])
    return render(
        request,
        "cohorts/invitation.html",
        {
            "invitation": found,
            "cohort": found.cohort,
            "program": found.cohort.program,
            "secret": secret,
            "is_live": found.state == "waiting" and not found.cohort.is_finished,
            "is_mine": joining.is_for(found, request.user),
            "is_known": account is not None,
            "whom_to_ask": rights.whom_to_ask(found.cohort),
            "asks_to_hold": joining.asks_to_hold(found),
            "zone": request.user.timezone
            if request.user.is_authenticated
            else _known_of(found)["timezone"],
            "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': here})}",
            "form": form,
            "note_form": NoteForm(),
        },
        status=status,
    )


def _account_of(found: Invitation) -> User | None:
    if found.application and found.application.applicant_id:
        return User.objects.filter(pk=found.application.applicant_id).first()
    return User.objects.filter(email__iexact=found.email).first()


@never_cache
@require_POST
@by_link(why="the invited have no account yet; the link came to their mailbox")
def invitation_accept(request: HttpRequest, secret: str) -> HttpResponse:
    found = _found(secret)
    here = reverse("cohorts:invitation", args=[secret])
    if not request.user.is_authenticated:
        if _account_of(found) is not None:
            # An account may have a second lock; the link alone does not open it.
            url = f"{reverse('account_login')}?{urlencode({'next': here})}"
            return redirect(url)
        if found.state != "waiting" or found.cohort.is_finished:
            return _invitation_page(
                request, found, secret, form=WelcomeForm(), status=409
            )
        form = WelcomeForm(request.POST)
        if not form.is_valid():
            return _invitation_page(request, found, secret, form=form, status=422)
        person = _new_account(found, **form.cleaned_data)
        if person is None:
            return redirect(here)
        login(request, person, backend=BACKEND)
    holds = joining.asks_to_hold(found)
    applied = found.application
    takes_the_offer = applied is not None and applied.awaits_reply
    seat = joining.accept(found, by=reader(request))
    messages.success(
        request,
        _("You hold %(cohort)s now.") % {"cohort": seat.cohort.name}
        if holds
        else _("Welcome to %(cohort)s.") % {"cohort": seat.cohort.name},
    )
    if takes_the_offer and showing.has_something(reader(request), seat.cohort.program):
        return redirect("cohorts:my_shares")
    return redirect("cohorts:today")


def _new_account(
    found: Invitation, *, called: str, timezone: str, language: str
) -> User | None:
    """An account for the mailbox that the link was sent to; None if one appeared."""
    try:
        with transaction.atomic():
            person = User.objects.create_user(
                found.email,
                called=called,
                timezone=timezone,
                language=language,
            )
            EmailAddress.objects.create(
                user=person, email=person.email, verified=True, primary=True
            )
    except IntegrityError:
        return None
    return person


@never_cache
@by_link(why="saying no needs no account")
def invitation_decline(request: HttpRequest, secret: str) -> HttpResponse:
    found = _found(secret)
    form = NoteForm(request.POST or None)
    holds = joining.asks_to_hold(found)
    if request.method == "POST" and form.is_valid():
        joining.decline(
            found,
            by=reader(request) if request.user.is_authenticated else None,
            note=form.cleaned_data["note"],
        )
        return redirect("cohorts:invitation", secret)
    return render(
        request,
        "components/confirm.html",
        {
            "question": (
                _("Not hold %(cohort)s?")
                if holds
                else _("Decline the seat in %(cohort)s?")
            )
            % {"cohort": found.cohort.name},
            "consequence": _("Your own seat stays. No reason is owed.")
            if holds
            else _("The seat goes to somebody else. No reason is owed."),
            "action": _("I do not hold it") if holds else _("Decline the seat"),
            "back": reverse("cohorts:invitation", args=[secret]),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


# The agreement


@cohort_page
def agreement_sign(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    agreement = agreements.in_force(cohort.program)
    if agreement is None:
        raise Http404
    form = SignForm(
        request.POST or None,
        initial={"sha256": agreement.sha256, "name_typed": membership.person.full_name},
    )
    if request.method == "POST" and form.is_valid():
        agreements.sign(agreement, by=reader(request), **form.cleaned_data)
        messages.success(
            request, _("Signed. You find the text here whenever you like.")
        )
        return redirect("cohorts:agreement_sign", cohort.slug)
    signed = agreements.signatures_of(reader(request), cohort.program)
    answer = agreements.answer_of(reader(request), agreement)
    return render(
        request,
        "cohorts/agreement_sign.html",
        {
            "cohort": cohort,
            "agreement": agreement,
            "answer": answer,
            "before": signed[0]
            if signed and not (answer and answer.signed_at)
            else None,
            "earlier": [one for one in signed if one.agreement_id != agreement.pk],
            "form": form,
            "whom_to_ask": rights.whom_to_ask(cohort),
            "may_share": showing.has_something(reader(request), cohort.program),
        },
        status=422 if form.errors else 200,
    )


@cohort_page
def agreement_decline(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    agreement = agreements.in_force(cohort.program)
    if agreement is None:
        raise Http404
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agreements.decline(
            agreement, by=reader(request), note=form.cleaned_data["note"]
        )
        return redirect("cohorts:agreement_sign", cohort.slug)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Not sign this agreement?"),
            "consequence": _(
                "Your seat stays. The people who hold the cohort learn that you did "
                "not sign and talk with you; the leads of the program read your "
                "words. You may sign later."
            ),
            "action": _("I do not sign"),
            "back": reverse("cohorts:agreement_sign", args=[cohort.slug]),
            "form": form,
        },
        status=422 if form.errors else 200,
    )
