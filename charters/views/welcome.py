"""A newcomer reads the charter they came to and answers for themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from charters import welcoming
from charters.forms import WelcomeForm
from charters.models import NewcomerAnswer, answer_by
from charters.views import parts
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership


@cohort_page
def welcome(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    version = parts.newest_version(request, cohort)
    if version is None:
        raise Http404
    mine = (
        NewcomerAnswer.objects.visible_to(request.user)
        .filter(member=membership)
        .select_related("version")
        .first()
    )
    form = WelcomeForm(
        parts.typed(request),
        initial={
            "fingerprint": version.fingerprint,
            "kind": mine.kind if mine else None,
            "text": mine.text if mine else "",
        },
    )
    if request.method == "POST" and form.is_valid():
        welcoming.answer(
            version,
            by=membership,
            kind=form.cleaned_data["kind"],
            fingerprint=form.cleaned_data["fingerprint"],
            text=form.cleaned_data["text"],
            client_key=form.key,
            now=timezone.now(),
        )
        messages.success(
            request,
            _("Thank you. Propose a change whenever something strains.")
            if form.cleaned_data["kind"] == NewcomerAnswer.Kind.CONSENT
            else _("Thank you. A facilitator will talk with you about it."),
        )
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
            "until": answer_by(membership),
        },
        status=422 if form.is_bound else 200,
    )
