"""A lead looks at what would be shown, releases it, and shares it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.access import lead_page
from cohorts.models import Appointment, Program
from measurement import figures, sharing, wording
from measurement.forms import ReleaseForm, ShareLinkForm
from measurement.models import Release, ShareLink


@lead_page
def release_list(
    request: HttpRequest, program: Program, appointment: Appointment
) -> HttpResponse:
    """Releases and share links; a link's secret is shown once, after it is made."""
    form = ShareLinkForm(request.POST or None)
    made = ""
    if request.method == "POST" and form.is_valid():
        _link, token = sharing.make_link(
            program, by=appointment.person, **form.cleaned_data
        )
        made = request.build_absolute_uri(reverse("measurement:shared", args=[token]))
        form = ShareLinkForm()
    return render(
        request,
        "measurement/release_list.html",
        {
            "program": program,
            "releases": Release.objects.filter(program_id=program.pk).order_by(
                "-number"
            ),
            "links": ShareLink.objects.filter(program=program).order_by("-made_at"),
            "now": timezone.now(),
            "form": form,
            "made": made,
        },
        status=422 if form.errors else 200,
    )


@lead_page
def release_new(
    request: HttpRequest, program: Program, appointment: Appointment
) -> HttpResponse:
    """First what a funder would see, then the button that writes it."""
    today = timezone.localdate()
    form = ReleaseForm(
        request.POST or None,
        initial={"period_from": today - timedelta(days=365), "period_to": today},
    )
    draft = None
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        if "release" in request.POST:
            release = figures.release(program, by=appointment.person, **asked)
            messages.success(
                request,
                _("Release %(n)s is out. Funders see it now.") % {"n": release.number},
            )
            return redirect("measurement:evidence", program.slug)
        draft = figures.draft(
            program,
            period_from=asked["period_from"],
            period_to=asked["period_to"],
            threshold=asked["threshold"],
        )
    return render(
        request,
        "measurement/release_new.html",
        {
            "program": program,
            "form": form,
            "draft": draft,
            "tables": wording.tables(draft.figures) if draft else [],
        },
        status=422 if form.errors else 200,
    )


@lead_page
def release_withdraw(
    request: HttpRequest, program: Program, appointment: Appointment, release_id: UUID
) -> HttpResponse:
    """Asked first, for a release that is withdrawn does not come back."""
    release = get_object_or_404(Release, program_id=program.pk, pk=release_id)
    if request.method != "POST":
        return render(
            request,
            "components/confirm.html",
            {
                "question": _("Withdraw release %(n)s?") % {"n": release.number},
                "consequence": _(
                    "Funders, members and share links stop seeing it at once, and it "
                    "cannot be brought back. Its number is not used again."
                ),
                "action": _("Withdraw it"),
                "back": reverse("measurement:release_list", args=[program.slug]),
                "stop": True,
            },
        )
    figures.withdraw(release, by=appointment.person, program=program)
    messages.success(request, _("Withdrawn. Nobody sees it any more."))
    return redirect("measurement:release_list", program.slug)


@lead_page
def share_revoke(
    request: HttpRequest, program: Program, appointment: Appointment, sharelink_id: UUID
) -> HttpResponse:
    """Asked first: the same address cannot be made to work again."""
    link = get_object_or_404(ShareLink, program=program, pk=sharelink_id)
    if request.method != "POST":
        return render(
            request,
            "components/confirm.html",
            {
                "question": _("Revoke the link for %(who)s?") % {"who": link.for_whom},
                "consequence": _(
                    "Whoever opens it finds nothing from now on. A new link has a new "
                    "address."
                ),
                "action": _("Revoke it"),
                "back": reverse("measurement:release_list", args=[program.slug]),
                "stop": True,
            },
        )
    sharing.revoke(link, by=appointment.person)
    messages.success(request, _("The link no longer works."))
    return redirect("measurement:release_list", program.slug)
