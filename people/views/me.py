"""Me: who I am, when I can meet, what reaches me."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from people import clock, digest, letters
from people.access import about_oneself, by_link
from people.forms.me import HoursForm, NoticesForm, ProfileForm
from people.models import (
    AddressStop,
    How,
    Purpose,
    User,
    When,
    Wish,
    record,
    set_wish,
    wishes_of,
)
from people.wall_time import next_allowed


def account(request: HttpRequest) -> User:
    """The person behind the request, fresh from the database and safe to edit."""
    return User.objects.get(pk=cast(User, request.user).pk)


@about_oneself
def me(request: HttpRequest) -> HttpResponse:
    person = account(request)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(person.language):
            messages.success(request, _("Kept."))
        return redirect("people:me")
    return render(
        request,
        "people/me.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


@about_oneself
def hours(request: HttpRequest) -> HttpResponse:
    person = account(request)
    form = HoursForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Kept."))
        return redirect("people:hours")
    return render(
        request,
        "people/hours.html",
        {"form": form, "place": clock.place_name(person.timezone)},
        status=422 if form.errors else 200,
    )


@about_oneself
def notices(request: HttpRequest) -> HttpResponse:
    person = account(request)
    wishes = wishes_of([person])[person.pk]
    form = NoticesForm(request.POST or None, instance=person, wishes=wishes)
    if request.method == "POST" and form.is_valid():
        form.save()
        for purpose, wish in form.wishes().items():
            set_wish(person, purpose, wish)
        messages.success(request, _("Kept. Messages already waiting obey it too."))
        return redirect("people:notices")
    status = 422 if form.errors else 200
    context = {
        "form": form,
        "place": clock.place_name(person.timezone),
        # A form that was refused has written into its own copy of the person.
        **_next_messages(account(request) if form.errors else person, wishes),
    }
    return render(request, "people/notices.html", context, status=status)


def _next_messages(person: User, wishes: dict[Purpose, Wish]) -> dict[str, str]:
    """When the next message of each sort would reach this person, in words."""
    now = timezone.now()
    awake = next_allowed(
        now,
        person.timezone,
        quiet_from=person.quiet_from,
        quiet_until=person.quiet_until,
        day_off=person.day_off,
    )
    kinds = {wish.when for wish in wishes.values() if wish.how == How.MAIL}
    said = {}
    if awake is not None and When.NOW in kinds and awake > now:
        said["next_at_once"] = clock.moment_for(person, awake)
    if When.DAY in kinds or When.WEEK in kinds:
        hour = digest.next_hour(person, now=now, weekly=When.DAY not in kinds)
        said["next_digest"] = clock.moment_for(person, hour)
    return said


@csrf_exempt  # a mail program posts here by itself (RFC 8058)
@by_link(why="the off-switch in a mail works without signing in")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing, for mail scanners look; the button does."""
    found = letters.Stop.read(token)
    person = None
    if found and found.person:
        person = User.objects.filter(pk=found.person).first()
    if found is None or (found.person and (person is None or not person.is_active)):
        raise Http404
    context = {"purpose": found.purpose.label, "person": person}
    if request.method != "POST":
        return render(request, "people/stop.html", context)
    if person is not None:
        when = wishes_of([person])[person.pk][found.purpose].when
        set_wish(person, found.purpose, Wish(How.NONE, when))
        record("notices.stop", by=person)
    else:
        AddressStop.objects.get_or_create(
            address=found.address.lower(), purpose=found.purpose
        )
    return render(request, "people/stop.html", {**context, "stopped": True})
