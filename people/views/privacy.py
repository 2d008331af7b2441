"""Who reads what, taking one's data along, and leaving for good."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import logout
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from people import privacy as domain
from people import tasks
from people.access import about_oneself, by_link, signed_in
from people.adapters import SHARED_PHONE
from people.forms.me import EraseForm
from people.models import Erasure, Export
from people.views.me import account


@require_safe
@about_oneself
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "people/privacy.html")


@require_safe
@signed_in
def data(request: HttpRequest) -> HttpResponse:
    exports = Export.objects.visible_to(request.user).order_by("-asked_at")[:5]
    return render(request, "people/data.html", {"exports": exports})


@require_POST
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    domain.ask_for_export(account(request))
    tasks.knock(tasks.make_exports)
    return redirect("people:data")


@require_safe
@signed_in
def export_file(request: HttpRequest, export_id: UUID) -> HttpResponse:
    found = get_object_or_404(
        Export.objects.visible_to(request.user).filter(state=Export.State.READY),
        pk=export_id,
    )
    return FileResponse(  # type: ignore[return-value]
        found.file.open("rb"), as_attachment=True, filename="cohortsite-my-data.zip"
    )


@signed_in
def erase(request: HttpRequest) -> HttpResponse:
    """A page to think, a word to type, and then it is done."""
    person = account(request)
    form = EraseForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        receipt = domain.erase(person, by=person, now=timezone.now())
        logout(request)
        response = redirect("people:erased", receipt.pk)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        response.delete_cookie(SHARED_PHONE)
        return response
    return render(
        request, "people/erase.html", {"form": form}, status=422 if form.errors else 200
    )


@require_safe
@by_link(why="whoever erased themselves can no longer sign in to see the receipt")
def erased(request: HttpRequest, receipt_id: UUID) -> HttpResponse:
    receipt = get_object_or_404(Erasure, pk=receipt_id)
    tables = [
        (
            label,
            counts.get("deleted", 0),
            counts.get("changed", 0),
            counts.get("kept", 0),
        )
        for label, counts in sorted(receipt.done.items())
    ]
    return render(request, "people/erased.html", {"receipt": receipt, "tables": tables})
