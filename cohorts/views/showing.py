"""What somebody with a seat shows of their application, and to whom it is shown."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from cohorts import applying, showing
from cohorts.access import keeper_page, reader
from cohorts.forms.joining import ShareForm
from cohorts.links import proves_the_address
from cohorts.models import Application, Cohort, Membership
from cohorts.views.apply import ANYONE, actor_of, call_or_404
from people.access import public, signed_in
from people.refusal import Refused


@never_cache
@public(why=ANYONE)
def apply_share(request: HttpRequest, intake_slug: str) -> HttpResponse:
    """Each answer that may be shown, with a tick; none is ticked to begin with."""
    intake = call_or_404(intake_slug)
    actor = actor_of(request, intake)
    application = applying.application_of(intake, actor)
    if application is None:
        return redirect("cohorts:call_show", intake.slug)
    lines = showing.lines_of(application)
    if not lines or not proves_the_address(actor, application):
        return redirect("cohorts:apply_status", intake.slug)
    form = ShareForm(request.POST or None, lines=lines)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and ("nothing" in request.POST or form.is_valid()):
        keys = [] if "nothing" in request.POST else form.cleaned_data["shown"]
        try:
            n = showing.share(application, keys, by=actor, now=timezone.now())
        except Refused as why:
            form.add_error("shown", str(why))
        else:
            messages.success(request, _said(n))
            return redirect("cohorts:apply_status", intake.slug)
    return render(
        request,
        "cohorts/apply_share.html",
        {
            "intake": intake,
            "program": intake.program,
            "application": application,
            "form": form,
            "is_shared": any(line.is_shared for line in lines),
        },
        status=status,
    )


def _said(n: int) -> str:
    if not n:
        return _("Nothing of your application is shared.")
    return ngettext(
        "%(n)s answer is shared with those who hold your cohort, and with nobody else "
        "in it.",
        "%(n)s answers are shared with those who hold your cohort, and with nobody "
        "else in it.",
        n,
    ) % {"n": n}


@never_cache
@signed_in
def my_shares(request: HttpRequest) -> HttpResponse:
    """What I share of my applications, all in one place."""
    person = reader(request)
    mine = (
        Application.objects.visible_to(person)
        .accepted()
        .filter(applicant=person)
        .select_related("intake")
        .order_by("-submitted_at", "-pk")[:50]
    )
    found = [(one, showing.lines_of(one)) for one in mine]
    return render(
        request,
        "cohorts/my_shares.html",
        {"shares": [(one, lines) for one, lines in found if lines]},
    )


@never_cache
@keeper_page
def membership_shared(
    request: HttpRequest, cohort: Cohort, membership_id: UUID
) -> HttpResponse:
    """What one person of the cohort agreed to share with those who hold it."""
    seat = get_object_or_404(
        Membership.objects.active().select_related("person", "cohort__program"),
        cohort=cohort,
        pk=membership_id,
    )
    return render(
        request,
        "cohorts/cohort_shared.html",
        {
            "cohort": cohort,
            "seat": seat,
            "shared": showing.shown_by(seat, to=reader(request)),
        },
    )
