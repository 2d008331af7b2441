"""Somebody has gone quiet: what they are asked, and the note to call them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from charters.values import values_of
from cohorts.access import cohort_page, facilitator_page
from cohorts.models import Cohort, Membership
from people import clock
from sessions import presence
from sessions.models import Quiet


@cohort_page
def quiet_answer(
    request: HttpRequest, cohort: Cohort, membership: Membership, quiet_id: UUID
) -> HttpResponse:
    """Whether a call is needed, asked of the person before anybody is told."""
    quiet = get_object_or_404(
        Quiet.objects.visible_to(request.user), cohort=cohort, pk=quiet_id
    )
    if request.method == "POST":
        presence.answer(
            quiet, by=membership.person, answer=request.POST.get("answer", "")
        )
        messages.success(request, _("Thank you for saying so."))
        return redirect("cohorts:today")
    says = values_of(cohort)
    return render(
        request,
        "sessions/quiet_answer.html",
        {
            "cohort": cohort,
            "quiet": quiet,
            "days": says.attendance.call_after_days,
            "source": says.source("attendance"),
        },
    )


@facilitator_page
def quiet_call(
    request: HttpRequest, cohort: Cohort, membership: Membership, quiet_id: UUID
) -> HttpResponse:
    """The note to call, while it stands: neither since when, nor what was missed."""
    now = timezone.now()
    notes = {q.pk: q for q in presence.to_call([cohort.pk], now=now)}
    quiet = notes.get(quiet_id)
    if quiet is None:
        raise Http404
    if request.method == "POST":
        presence.called(quiet, by=membership.person, now=now)
        messages.success(request, _("Noted. The note is gone for all of you."))
        return redirect("cohorts:week")
    says = values_of(cohort)
    return render(
        request,
        "sessions/quiet_call.html",
        {
            "cohort": cohort,
            "quiet": quiet,
            "there": clock.moment(now, quiet.person.timezone),
            "days": says.attendance.call_after_days,
            "source": says.source("attendance"),
        },
    )
