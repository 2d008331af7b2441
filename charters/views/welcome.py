"""A newcomer reads the charter they came to and answers for themselves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from charters import notices, welcoming
from charters.forms import TalkedForm, WelcomeForm
from charters.models import (
    CharterVersion,
    NewcomerAnswer,
    NewcomerTalk,
    answer_by,
    newcomers,
)
from charters.views import by_mail, parts
from cohorts.access import cohort_page, facilitator_page
from cohorts.models import Cohort, Membership
from people.access import by_link


@cohort_page
def welcome(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    version = parts.newest_version(request, cohort)
    if version is None:
        raise Http404
    mine = _answer_of(membership)
    form = _form(request, version, mine)
    if (
        request.method == "POST"
        and form.is_valid()
        and form.has_read(version.fingerprint)
    ):
        _answered(form, version, membership)
        messages.success(request, _thanks(form))
        return redirect("charters:charter", cohort.slug)
    return render(
        request,
        "charters/welcome.html",
        {
            "cohort": cohort,
            "version": version,
            "clauses": parts.clauses_of(version, request.user),
            "form": form,
            "mine": mine,
            "until": _until(membership),
            "talk": _talk_with(request.user, membership),
            "now": timezone.now(),
        },
        status=422 if form.is_bound else 200,
    )


def _answer_of(membership: Membership) -> NewcomerAnswer | None:
    return (
        NewcomerAnswer.objects.visible_to(membership.person)
        .filter(member=membership)
        .select_related("version")
        .first()
    )


def _talk_with(viewer: Any, member: Membership) -> NewcomerTalk | None:
    return (
        NewcomerTalk.objects.visible_to(viewer)
        .filter(member=member)
        .select_related("by__person")
        .order_by("-talked_at", "-pk")
        .first()
    )


def _until(member: Membership) -> Any:
    """By when an answer is awaited; None for whoever is asked nothing."""
    awaited = newcomers().filter(pk=member.pk).first()
    return answer_by(awaited) if awaited else None


def _form(
    request: HttpRequest, version: CharterVersion, mine: NewcomerAnswer | None
) -> WelcomeForm:
    return WelcomeForm(
        parts.typed(request),
        initial={
            "fingerprint": version.fingerprint,
            "kind": mine.kind if mine else None,
            "text": mine.text if mine else "",
        },
    )


def _answered(
    form: WelcomeForm, version: CharterVersion, membership: Membership
) -> None:
    welcoming.answer(
        version,
        by=membership,
        kind=form.cleaned_data["kind"],
        fingerprint=form.cleaned_data["fingerprint"],
        text=form.cleaned_data["text"],
        client_key=form.key,
        now=timezone.now(),
    )


def _thanks(form: WelcomeForm) -> str:
    return (
        _("Thank you. Propose a change whenever something strains.")
        if form.cleaned_data["kind"] == NewcomerAnswer.Kind.CONSENT
        else _("Thank you. A facilitator will talk with you about it.")
    )


@facilitator_page
def welcome_talk(
    request: HttpRequest, cohort: Cohort, membership: Membership, membership_id: UUID
) -> HttpResponse:
    """A conversation about the charter that waits for a facilitator, and its end."""
    member = get_object_or_404(
        Membership.objects.active().select_related("person"),
        cohort=cohort,
        pk=membership_id,
    )
    form = TalkedForm(parts.typed(request))
    if request.method == "POST" and form.is_valid():
        welcoming.talked(
            member,
            by=membership,
            text=form.cleaned_data["text"],
            client_key=form.key,
            now=timezone.now(),
        )
        messages.success(request, _("Noted. Thank you for taking the time."))
        return redirect("cohorts:week")
    return render(
        request,
        "charters/welcome_talk.html",
        {
            "cohort": cohort,
            "member": member,
            "answer": NewcomerAnswer.objects.visible_to(request.user)
            .filter(member=member)
            .select_related("version")
            .first(),
            "talk": _talk_with(request.user, member),
            "until": _until(member),
            "now": timezone.now(),
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )


# --- From the mail ------------------------------------------------------------------


@by_link(why="the mailed link of one newcomer: the charter and one question")
def welcome_link(request: HttpRequest, welcome_token: str) -> HttpResponse:
    """GET shows the charter and changes nothing; POST answers for this newcomer."""
    pk = notices.read_welcome_token(welcome_token)
    membership = by_mail.seat_of_link(pk) if pk else None
    if membership is None:
        return by_mail.no_link(request)
    # Read as the member whom the link names, and as nobody else.
    version = CharterVersion.objects.visible_to(membership.person).in_force(
        membership.cohort
    )
    if version is None:
        return by_mail.no_link(request)
    with by_mail.speaking_to(membership):
        return _one_answer(request, membership, version)


def _one_answer(
    request: HttpRequest, membership: Membership, version: CharterVersion
) -> HttpResponse:
    form = _form(request, version, _answer_of(membership))
    if (
        request.method == "POST"
        and form.is_valid()
        and form.has_read(version.fingerprint)
    ):
        _answered(form, version, membership)
        return _link_page(request, membership, version, thanks=_thanks(form))
    return _link_page(
        request,
        membership,
        version,
        form=form,
        clauses=parts.clauses_of(version, membership.person),
        status=422 if form.is_bound else 200,
    )


def _link_page(
    request: HttpRequest,
    membership: Membership,
    version: CharterVersion,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    return by_mail.kept_nowhere(
        render(
            request,
            "charters/welcome_link.html",
            {"cohort": membership.cohort, "version": version, **more},
            status=status,
        )
    )
