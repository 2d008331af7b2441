"""Writing together: the order of lines, what was left out, who is writing where."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from charters import amending, writing
from charters.models import Amendment, ProposedClause
from charters.views import parts
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from people.knocks import stream_url


def _line(request: HttpRequest, cohort: Cohort, pk: UUID) -> ProposedClause:
    return get_object_or_404(
        ProposedClause.objects.visible_to(request.user).select_related(
            "amendment__proposer__person", "amendment__cohort"
        ),
        cohort=cohort,
        pk=pk,
    )


def _amendment(request: HttpRequest, cohort: Cohort, pk: UUID) -> Amendment:
    return get_object_or_404(
        Amendment.objects.visible_to(request.user).select_related(
            "proposer__person", "cohort"
        ),
        cohort=cohort,
        pk=pk,
    )


# --- Order, and what was left out ------------------------------------------------


@require_POST
@cohort_page
def clause_move(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership,
    proposedclause_id: UUID,
) -> HttpResponse:
    """One place up or down; the page comes back at the line that was moved."""
    proposed = _line(request, cohort, proposedclause_id)
    now = timezone.now()
    amending.move_line(
        proposed, by=membership, now=now, earlier=request.POST.get("to") == "earlier"
    )
    writing.stir(proposed.amendment, now=now)
    there = reverse("charters:decision", args=[cohort.slug, proposed.amendment_id])
    return redirect(f"{there}#line-{proposed.key}")


@require_POST
@cohort_page
def section_move(
    request: HttpRequest, cohort: Cohort, membership: Membership, amendment_id: UUID
) -> HttpResponse:
    amendment = _amendment(request, cohort, amendment_id)
    now = timezone.now()
    amending.move_section(
        amendment,
        request.POST.get("section", ""),
        by=membership,
        now=now,
        earlier=request.POST.get("to") == "earlier",
    )
    writing.stir(amendment, now=now)
    there = reverse("charters:decision", args=[cohort.slug, amendment.pk])
    return redirect(f"{there}#h-text")


@require_POST
@cohort_page
def clause_put_back(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership,
    proposedclause_id: UUID,
) -> HttpResponse:
    proposed = _line(request, cohort, proposedclause_id)
    now = timezone.now()
    amending.put_back(proposed, by=membership, now=now)
    writing.stir(proposed.amendment, now=now)
    messages.success(request, _("The clause is back, with its words."))
    there = reverse("charters:decision", args=[cohort.slug, proposed.amendment_id])
    return redirect(f"{there}#line-{proposed.key}")


# --- Who is writing where --------------------------------------------------------


def who_writes(
    request: HttpRequest, amendment: Amendment, membership: Membership
) -> dict[str, Any]:
    """What `charters/_writing.html` shows: names, and the clauses they are at."""
    circle = Membership.objects.active().filter(cohort=amendment.cohort_id)
    found = writing.writers(
        amendment, circle.select_related("person").order_by("pk"), but=membership
    )
    lines = (
        {str(p.pk): p for p in parts.proposed_in(request.user, amendment)}
        if found
        else {}
    )
    return {
        "writers": [(one, lines.get(one.line)) for one in found],
        "stream": stream_url(writing.room_of(amendment)),
        "edition": amendment.edition,
    }


@cohort_page
def who_is_writing(
    request: HttpRequest, cohort: Cohort, membership: Membership, amendment_id: UUID
) -> HttpResponse:
    """The part of a page that says who writes where; asked for again and again."""
    amendment = _amendment(request, cohort, amendment_id)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("charters:decision", cohort.slug, amendment.pk)
    return render(
        request,
        "charters/_writing.html",
        {
            "cohort": cohort,
            "amendment": amendment,
            "is_new": request.GET.get("edition") not in (None, str(amendment.edition)),
            **who_writes(request, amendment, membership),
        },
    )


@require_POST
@cohort_page
def still_writing(
    request: HttpRequest, cohort: Cohort, membership: Membership, amendment_id: UUID
) -> HttpResponse:
    """A form that is still open says so, and hears who else has one."""
    amendment = _amendment(request, cohort, amendment_id)
    line = request.GET.get("line", "")
    if amendment.is_open and amending.may_write(amendment, membership):
        if any(line == str(p.pk) for p in parts.proposed_in(request.user, amendment)):
            writing.go_on(amendment, line, by=membership)
        else:
            writing.go_on(amendment, writing.NEW, by=membership)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("charters:decision", cohort.slug, amendment.pk)
    return render(
        request,
        "charters/_writing.html",
        {
            "cohort": cohort,
            "amendment": amendment,
            "here": line,
            **who_writes(request, amendment, membership),
        },
    )
