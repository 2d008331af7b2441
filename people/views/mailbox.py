"""Where the mails of a run on one's own machine can be read."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from people import mailbox
from people.access import from_this_machine, public

WHY = "shows the mails of an embedded run to whoever sits at that machine"


@require_safe
@public(why=WHY)
def letters(request: HttpRequest) -> HttpResponse:
    if not from_this_machine(request):
        raise Http404
    return render(request, "people/mailbox.html", {"letters": mailbox.letters()})


@require_safe
@public(why=WHY)
def letter(request: HttpRequest, name: str) -> HttpResponse:
    found = mailbox.letter_named(name) if from_this_machine(request) else None
    if found is None:
        raise Http404
    return render(request, "people/letter.html", {"letter": found})
