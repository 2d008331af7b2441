"""Who to turn to, and the contacts outside that a clause may name."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from charters import channels
from charters.forms import ContactForm
from charters.models import OutsideContact
from charters.values import keys_of, values_of
from charters.views.parts import typed
from cohorts.access import cohort_page, reader
from cohorts.models import Cohort, Membership


@cohort_page
def support(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    """Whom the charter names to turn to; and beside it, who may be named next."""
    form = ContactForm(typed(request))
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in SAID}
        channels.add(by=membership, client_key=form.key, **said)
        messages.success(
            request, _("Written down. Shown to turn to once a clause names them.")
        )
        return redirect("charters:support", cohort.slug)
    values = values_of(cohort)
    return render(
        request,
        "charters/support.html",
        {
            "cohort": cohort,
            "membership": membership,
            "who": channels.who(cohort, values, viewer=request.user),
            "named": set(keys_of(values.support.outside)),
            "contacts": OutsideContact.objects.visible_to(request.user)
            .standing()
            .filter(cohort=cohort)
            .order_by("added_at", "pk"),
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )


SAID = ("name", "role", "reach", "tongues", "hours", "said_yes")


@require_POST
@cohort_page
def contact_strike(
    request: HttpRequest, cohort: Cohort, membership: Membership, contact_id: UUID
) -> HttpResponse:
    contact = get_object_or_404(
        OutsideContact.objects.visible_to(request.user), cohort=cohort, pk=contact_id
    )
    channels.strike(contact, by=reader(request))
    messages.success(request, _("Struck out, in old versions too."))
    return redirect("charters:support", cohort.slug)
