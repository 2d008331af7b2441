"""Promises: make one, say what became of it; mine and ours."""

from __future__ import annotations

from enum import Enum
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cohorts import keyset
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from people.access import by_link, outbox_post, signed_in
from people.models import User
from people.prepared import prepared
from people.refusal import SentBefore
from sessions import commitments
from sessions.forms.bookends import CommitmentForm, EndForm, RenewForm
from sessions.models import Commitment
from sessions.notices import read_keep_token
from sessions.views.answers import ask, carried, done, session_of

LIST = "sessions/commitment_list.html"
DETAIL = "sessions/commitment_detail.html"
PAGE = 30


class Shown(Enum):
    """Which promises the list shows."""

    OPEN = "open"
    KEPT = "kept"
    LET_GO = "let-go"
    CHANGED = "changed"
    ALL = "all"


ORDERS = {
    Shown.OPEN: ("due_on", "pk"),
    Shown.KEPT: ("-kept_at", "pk"),
    Shown.LET_GO: ("-released_at", "pk"),
    Shown.CHANGED: ("-changed_at", "pk"),
    Shown.ALL: ("-due_on", "pk"),
}


@cohort_page
def commitment_list(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    try:
        shown = Shown(request.GET.get("state", "open"))
    except ValueError:
        shown = Shown.OPEN
    viewer, keys = request.user, ORDERS[shown]
    page = keyset.page(
        _others(shown, viewer, cohort, membership),
        keys=keys,
        size=PAGE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        values=lambda row: [getattr(row, key.lstrip("-")) for key in keys],
        beginning=lambda: _first_others(shown, viewer, cohort, membership),
    )
    return render(
        request,
        LIST,
        {
            "cohort": cohort,
            "membership": membership,
            "today": timezone.localdate(),
            "state": shown.value,
            "states": [
                ("open", _("Open")),
                ("kept", _("Kept")),
                ("let-go", _("Let go")),
                ("changed", _("Changed")),
                ("all", _("All")),
            ],
            # One's own stand over the first page of the others'.
            "shows_mine": not page.before,
            "mine": [] if page.before else _mine(shown, viewer, cohort, membership),
            "others": page.rows,
            "page": page,
            "may_add": not cohort.is_finished,
        },
    )


def _rows(shown: Shown, viewer: Any, cohort: Cohort) -> QuerySet[Commitment]:
    rows = (
        Commitment.objects.visible_to(viewer)
        .filter(cohort=cohort)
        .select_related("promised_by__person")
    )
    match shown:
        case Shown.OPEN:
            return rows.open()
        case Shown.KEPT:
            return rows.kept()
        case Shown.LET_GO:
            return rows.let_go()
        case Shown.CHANGED:
            return rows.changed()
    return rows


def _others(
    shown: Shown, viewer: Any, cohort: Cohort, me: Membership
) -> QuerySet[Commitment]:
    return _rows(shown, viewer, cohort).exclude(promised_by=me)


@prepared
def _first_others(
    shown: Shown, viewer: Any, cohort: Cohort, me: Membership
) -> QuerySet[Commitment]:
    others = _others(shown, viewer, cohort, me)
    return others.order_by(*ORDERS[shown])[: PAGE + 1]


@prepared
def _mine(
    shown: Shown, viewer: Any, cohort: Cohort, me: Membership
) -> QuerySet[Commitment]:
    mine = _rows(shown, viewer, cohort).filter(promised_by=me)
    return mine.order_by(*ORDERS[shown])[:PAGE]


@outbox_post
@cohort_page
def commitment_make(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    cohort.must_be_open()
    sent = request.POST if request.method == "POST" else None
    session = session_of(request, cohort)
    form = CommitmentForm(sent)
    page = "sessions/commitment_make.html"
    if sent is not None and form.is_valid():
        try:
            commitments.make(
                by=membership,
                promise=form.cleaned_data["promise"],
                due_on=form.cleaned_data["due_on"],
                evidence_of_done=form.cleaned_data["evidence_of_done"],
                lang=get_language() or "",
                session=session,
                client_key=form.key,
            )
        except SentBefore as before:
            form.send_again_as_new(before.sentence)
        else:
            return done(
                request,
                to=reverse("sessions:commitment_list", args=[cohort.slug]),
                said=_("Promised. Your cohort sees it."),
                waited=form.cleaned_data["waited"],
                partial=f"{page}#said",
            )
    return ask(request, page, {"cohort": cohort, "session": session}, form=form)


@cohort_page
def commitment_detail(
    request: HttpRequest, cohort: Cohort, membership: Membership, commitment_id: UUID
) -> HttpResponse:
    commitment = _promise(request, cohort, commitment_id)
    related = list(
        Commitment.objects.visible_to(request.user)
        .filter(cohort=cohort)
        .next_to(commitment)
    )
    return render(
        request,
        DETAIL,
        {
            "cohort": cohort,
            "commitment": commitment,
            "today": timezone.localdate(),
            "earlier": next((c for c in related if c.pk == commitment.renews_id), None),
            "later": next((c for c in related if c.renews_id == commitment.pk), None),
            "is_mine": commitment.promised_by_id == membership.pk,
            "may_act": commitment.promised_by_id == membership.pk
            and not cohort.is_finished,
            "form": EndForm(),
        },
    )


@outbox_post
@cohort_page
def commitment_keep(
    request: HttpRequest, cohort: Cohort, membership: Membership, commitment_id: UUID
) -> HttpResponse:
    commitment = _promise(request, cohort, commitment_id)
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        commitment = commitments.keep(
            commitment, by=_person(request), outcome=form.cleaned_data["outcome"]
        )
        return done(
            request,
            to=_address(commitment, cohort),
            said=_("Kept. Well done."),
            partial=f"{LIST}#row",
            context={
                "promise": commitment,
                "membership": membership,
                "cohort": cohort,
                "today": timezone.localdate(),
            },
        )
    return _end_page(request, cohort, commitment, form, how="keep")


@cohort_page
def commitment_release(
    request: HttpRequest, cohort: Cohort, membership: Membership, commitment_id: UUID
) -> HttpResponse:
    commitment = _promise(request, cohort, commitment_id)
    form = EndForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        commitments.release(
            commitment, by=_person(request), outcome=form.cleaned_data["outcome"]
        )
        return done(
            request,
            to=_address(commitment, cohort),
            said=_("Let go. That is an honest end too."),
        )
    return _end_page(request, cohort, commitment, form, how="release")


@cohort_page
def commitment_change(
    request: HttpRequest, cohort: Cohort, membership: Membership, commitment_id: UUID
) -> HttpResponse:
    """Other words, another day."""
    commitment = _promise(request, cohort, commitment_id)
    sent = request.POST if request.method == "POST" else None
    form = CommitmentForm(
        sent,
        initial={
            "promise": commitment.promise,
            "due_on": commitment.due_on,
            "evidence_of_done": commitment.evidence_of_done,
        },
    )
    if sent is not None and form.is_valid():
        later = commitments.change(
            commitment,
            by=_person(request),
            promise=form.cleaned_data["promise"],
            due_on=form.cleaned_data["due_on"],
            evidence_of_done=form.cleaned_data["evidence_of_done"],
            client_key=form.key,
        )
        return done(
            request,
            to=_address(later, cohort),
            said=_("Changed. The earlier words stay readable."),
        )
    return ask(
        request,
        "sessions/commitment_change.html",
        {"cohort": cohort, "commitment": commitment},
        form=form,
    )


@cohort_page
def commitment_renew(
    request: HttpRequest, cohort: Cohort, membership: Membership, commitment_id: UUID
) -> HttpResponse:
    """The same words, a new day."""
    commitment = _promise(request, cohort, commitment_id)
    sent = request.POST if request.method == "POST" else None
    form = RenewForm(sent)
    if sent is not None and form.is_valid():
        later = commitments.renew(
            commitment,
            by=_person(request),
            due_on=form.cleaned_data["due_on"],
            client_key=form.key,
        )
        return done(request, to=_address(later, cohort), said=_("Renewed."))
    return ask(
        request,
        "sessions/commitment_renew.html",
        {"cohort": cohort, "commitment": commitment},
        form=form,
    )


@require_POST
@cohort_page
def commitment_reopen(
    request: HttpRequest, cohort: Cohort, membership: Membership, commitment_id: UUID
) -> HttpResponse:
    commitment = _promise(request, cohort, commitment_id)
    commitments.reopen(commitment, by=_person(request))
    return done(request, to=_address(commitment, cohort), said=_("It is open again."))


@outbox_post
@require_POST
@signed_in
def commitment_tick(request: HttpRequest) -> HttpResponse:
    """The ticks of Today, over all of one's cohorts.

    Only what the page showed as kept can come open again: a page from yesterday
    does not undo what was said meanwhile.
    """
    person = _person(request)
    kept, were_kept = (_keys(request, name) for name in ("kept", "were_kept"))
    mine = {
        commitment.pk: commitment
        for commitment in Commitment.objects.visible_to(person)
        .of(person)
        .filter(pk__in=kept | were_kept)
    }
    changed = commitments.tick(
        by=person,
        kept=[mine[pk] for pk in sorted(kept & mine.keys())],
        reopened=[mine[pk] for pk in sorted((were_kept - kept) & mine.keys())],
    )
    return done(
        request,
        to=reverse("cohorts:today"),
        said=_("Saved.") if changed else _("Nothing had changed."),
    )


@by_link(why="one press in the mail keeps the promise; the link is bound to it")
def commitment_keep_by_link(request: HttpRequest, keep_token: str) -> HttpResponse:
    """GET shows, POST does. A forwarded mail shows the day and not the words."""
    try:
        commitment_id, person_id = read_keep_token(keep_token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404 from error
    commitment = (
        Commitment.objects.unsealed("the link is bound to this promise and its maker")
        .filter(
            pk=commitment_id,
            promised_by__person=person_id,
            promised_by__person__is_active=True,
            promised_by__left_at=None,
        )
        .select_related("cohort", "promised_by__person")
        .first()
    )
    if commitment is None:
        raise Http404
    maker = commitment.promised_by.person
    if request.method == "POST":
        commitment = commitments.keep(commitment, by=maker)
    return render(
        request,
        "sessions/commitment_keep_by_link.html",
        {
            "commitment": commitment,
            "cohort_name": commitment.cohort.name,
            "shows_words": request.user == maker,
        },
    )


def _promise(request: HttpRequest, cohort: Cohort, commitment_id: UUID) -> Commitment:
    return get_object_or_404(
        Commitment.objects.visible_to(request.user).select_related(
            "promised_by__person"
        ),
        cohort=cohort,
        pk=commitment_id,
    )


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _address(commitment: Commitment, cohort: Cohort) -> str:
    return reverse("sessions:commitment_detail", args=[cohort.slug, commitment.pk])


def _keys(request: HttpRequest, name: str) -> set[UUID]:
    keys = set()
    for value in request.POST.getlist(name)[:200]:
        try:
            keys.add(UUID(value))
        except ValueError:
            continue
    return keys


def _end_page(
    request: HttpRequest, cohort: Cohort, commitment: Commitment, form: Any, *, how: str
) -> HttpResponse:
    if not commitment.is_open:
        return redirect(_address(commitment, cohort))
    return render(
        request,
        "sessions/commitment_end.html",
        {
            "cohort": cohort,
            "commitment": commitment,
            "form": form,
            "how": how,
            **carried(request),
        },
        status=422 if form.errors else 200,
    )
