"""Updates, decisions and requests, and the answers to them."""

from __future__ import annotations

from enum import Enum
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from charters.values import days_in_words, values_of
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from people.access import outbox_post
from people.models import User
from people.prepared import prepared
from people.refusal import SentBefore
from sessions import opening, posting
from sessions.forms.bookends import (
    EndForm,
    PutToForm,
    ReplyForm,
    RequestForm,
    UpdateForm,
)
from sessions.models import PAGE, OpenedPost, Post, Reply
from sessions.views.answers import ask, done
from sessions.views.timeline import page_of

DETAIL = "sessions/post_detail.html"
# One page holds a whole conversation; a longer one wants a session.
MOST_REPLIES = 200


@cohort_page
def post_list(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    return _list(request, cohort, Shelf.NEWS, "sessions/post_list.html")


@cohort_page
def request_list(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    shelf = Shelf.REQUESTS if request.GET.get("state") == "all" else Shelf.OPEN
    return _list(request, cohort, shelf, "sessions/request_list.html")


class Shelf(Enum):
    """Which posts a list shows."""

    NEWS = "news"
    REQUESTS = "requests"
    OPEN = "requests that nobody closed"


def _on(shelf: Shelf, viewer: Any, cohort: Cohort) -> QuerySet[Any]:
    posts = Post.objects.visible_to(viewer).filter(cohort=cohort)
    posts = posts.news() if shelf is Shelf.NEWS else posts.requests()
    if shelf is Shelf.OPEN:
        posts = posts.open()
    return (
        posts.with_answers_for(viewer)
        .select_related("author__person", "to__person")
        .newest_first()
    )


@prepared
def _newest(shelf: Shelf, viewer: Any, cohort: Cohort) -> QuerySet[Any]:
    return _on(shelf, viewer, cohort)[: PAGE + 1]


def _list(
    request: HttpRequest, cohort: Cohort, shelf: Shelf, page: str
) -> HttpResponse:
    shown = page_of(
        request,
        lambda: _on(shelf, request.user, cohort),
        newest=lambda: _newest(shelf, request.user, cohort),
    )
    return render(
        request,
        page,
        {
            "cohort": cohort,
            "posts": shown.rows,
            "earlier": shown.earlier,
            "may_add": not cohort.is_finished,
            "now": timezone.now(),
            "shows_all": request.GET.get("state") == "all",
        },
    )


@outbox_post
@cohort_page
def post_new(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    cohort.must_be_open()
    sent = request.POST if request.method == "POST" else None
    form = UpdateForm(sent)
    says = values_of(cohort)
    if sent is not None and form.is_valid():
        try:
            made = posting.post(
                by=membership,
                kind=form.cleaned_data["kind"],
                title=form.cleaned_data["title"],
                text=form.cleaned_data["text"],
                days=posting.days_for(form.cleaned_data["kind"], says),
                lang=get_language() or "",
                client_key=form.key,
            )
        except SentBefore as before:
            form.send_again_as_new(before.sentence)
        else:
            return done(
                request, to=made.get_absolute_url(), said=_("Told to your cohort.")
            )
    return ask(
        request,
        "sessions/post_new.html",
        {
            "cohort": cohort,
            "source": says.source("response"),
            "window": days_in_words(says.response.decision_days),
        },
        form=form,
    )


@outbox_post
@cohort_page
def request_new(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    cohort.must_be_open()
    sent = request.POST if request.method == "POST" else None
    says = values_of(cohort)
    form = RequestForm(
        sent,
        by=membership,
        charters=says.response.request_days,
        initial={"to": request.GET.get("to", "")},
    )
    if sent is not None and form.is_valid():
        try:
            made = posting.post(
                by=membership,
                kind=Post.Kind.REQUEST,
                title=form.cleaned_data["title"],
                text=form.cleaned_data["text"],
                to=form.cleaned_data["to"],
                days=form.cleaned_data["days"],
                lang=get_language() or "",
                client_key=form.key,
            )
        except SentBefore as before:
            form.send_again_as_new(before.sentence)
        else:
            return done(request, to=made.get_absolute_url(), said=_("Asked."))
    return ask(
        request,
        "sessions/request_new.html",
        {
            "cohort": cohort,
            "source": says.source("response"),
            "window": days_in_words(says.response.request_days),
        },
        form=form,
    )


@cohort_page
def post_detail(
    request: HttpRequest, cohort: Cohort, membership: Membership, post_id: UUID
) -> HttpResponse:
    post = _post(request, cohort, post_id)
    return _conversation(request, cohort, membership, post, ReplyForm())


@outbox_post
@require_POST
@cohort_page
def post_reply(
    request: HttpRequest, cohort: Cohort, membership: Membership, post_id: UUID
) -> HttpResponse:
    post = _post(request, cohort, post_id)
    form = ReplyForm(request.POST)
    if form.is_valid():
        waited = form.cleaned_data["waited"]
        try:
            _reply, is_new = posting.reply(
                post,
                by=membership,
                text=form.cleaned_data["text"],
                lang=get_language() or "",
                waited=waited,
                client_key=form.key,
            )
        except SentBefore as before:
            form.send_again_as_new(before.sentence)
        else:
            return done(
                request,
                to=f"{post.get_absolute_url()}#answers",
                said=_("Answered."),
                is_new=is_new,
                waited=waited,
            )
    return _conversation(request, cohort, membership, post, form)


@require_POST
@cohort_page
def request_put_to(
    request: HttpRequest, cohort: Cohort, membership: Membership, post_id: UUID
) -> HttpResponse:
    """Its window went by: ask somebody else, or everybody."""
    post = _post(request, cohort, post_id)
    form = PutToForm(request.POST, by=membership, asked=post.to)
    if not form.is_valid():
        return _conversation(
            request, cohort, membership, post, ReplyForm(), put_to_form=form
        )
    posting.put_to(post, to=form.cleaned_data["to"], by=membership)
    return done(request, to=post.get_absolute_url(), said=_("Asked."))


@require_POST
@cohort_page
def post_close(
    request: HttpRequest, cohort: Cohort, membership: Membership, post_id: UUID
) -> HttpResponse:
    post = _post(request, cohort, post_id)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _conversation(request, cohort, membership, post, ReplyForm(), form)
    assert isinstance(request.user, User)
    posting.close(post, by=request.user, outcome=form.cleaned_data["outcome"])
    return done(request, to=post.get_absolute_url(), said=_("Closed."))


@require_POST
@cohort_page
def post_open(
    request: HttpRequest, cohort: Cohort, membership: Membership, post_id: UUID
) -> HttpResponse:
    """Open one's own post to people who joined later, or take that back."""
    post = _post(request, cohort, post_id)
    if request.POST.get("act") == "take_back":
        opening.take_back(post, by=membership)
        said = _("Only those who were here when you wrote it read it now.")
    else:
        opening.open_to_all(post, by=membership, now=timezone.now())
        said = _("Open to everyone in the cohort.")
    return done(request, to=post.get_absolute_url(), said=said)


@cohort_page
def opened_list(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    """From before, opened by their authors for those who joined later."""
    opened = (
        OpenedPost.objects.visible_to(request.user)
        .filter(cohort=cohort)
        .select_related("author__person")
        .order_by("-said_at", "-pk")
    )
    return render(
        request,
        "sessions/opened_list.html",
        {
            "cohort": cohort,
            "page": Paginator(opened, PAGE).get_page(request.GET.get("page")),
        },
    )


def _post(request: HttpRequest, cohort: Cohort, post_id: UUID) -> Post:
    return get_object_or_404(
        Post.objects.visible_to(request.user).select_related(
            "cohort", "author__person", "to__person"
        ),
        cohort=cohort,
        pk=post_id,
    )


def _conversation(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership,
    post: Post,
    form: ReplyForm,
    close_form: EndForm | None = None,
    put_to_form: PutToForm | None = None,
) -> HttpResponse:
    replies = list(
        Reply.objects.visible_to(request.user)
        .filter(post=post)
        .select_related("author__person")
        .order_by("written_at", "pk")[:MOST_REPLIES]
    )
    close_form = close_form or EndForm()
    now = timezone.now()
    is_mine = post.author_id == membership.pk
    unheard = (
        is_mine
        and not cohort.is_finished
        and post.kind == Post.Kind.REQUEST
        and post.is_overdue(now)
        and not replies
    )
    if unheard and put_to_form is None:
        put_to_form = PutToForm(by=membership, asked=post.to)
    return render(
        request,
        DETAIL,
        {
            "cohort": cohort,
            "post": post,
            "replies": replies,
            "form": form,
            "close_form": close_form,
            "put_to_form": put_to_form if unheard else None,
            "promised": days_in_words(post.window_days) if post.window_days else "",
            "now": now,
            "is_mine": is_mine,
            "is_opened": is_mine and opening.is_open_to_all(post, by=membership),
            "may_add": not cohort.is_finished,
            "back": reverse(
                "sessions:request_list"
                if post.kind == Post.Kind.REQUEST
                else "sessions:post_list",
                args=[cohort.slug],
            ),
        },
        status=422
        if form.errors or close_form.errors or (put_to_form and put_to_form.errors)
        else 200,
    )
