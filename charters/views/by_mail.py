"""What a mail about the charter leads to, signed out: one page, one question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation

from charters import amending, notices
from charters.forms import AnswerForm, RemarkForm
from charters.models import Amendment, ConsentRound, Remark
from charters.views import parts
from charters.views.decisions import given, news_since, wordings_of
from cohorts.models import Membership
from people.access import by_link


def seat_of_link(pk: UUID) -> Membership | None:
    """The seat that a link names, as long as its person sits in it."""
    return (
        Membership.objects.active()
        .filter(pk=pk, person__is_active=True, cohort__finished_at=None)
        .select_related("cohort__program", "person")
        .first()
    )


@contextmanager
def speaking_to(membership: Membership) -> Iterator[None]:
    """The page is in the language and the hours of whoever got the mail."""
    person = membership.person
    with (
        translation.override(person.language or translation.get_language()),
        timezone.override(person.zone),
    ):
        yield


@by_link(why="the mailed link of one round for one member: a page with one question")
def answer_link(request: HttpRequest, round_token: str) -> HttpResponse:
    """GET shows the question and changes nothing; POST answers it."""
    read = notices.read_answer_token(round_token)
    membership = seat_of_link(read[1]) if read else None
    if read is None or membership is None:
        return no_link(request)
    # Read as the member whom the link names, and as nobody else.
    asked = (
        ConsentRound.objects.visible_to(membership.person)
        .filter(pk=read[0])
        .select_related("amendment__proposer__person", "wording")
        .first()
    )
    if asked is None:
        return no_link(request)
    with speaking_to(membership):
        return _one_question(request, membership, asked, mailed=read[2])


def _one_question(
    request: HttpRequest, membership: Membership, asked: ConsentRound, *, mailed: str
) -> HttpResponse:
    """`mailed` is the head of the hash of the text that the mail was about."""
    amendment = asked.amendment
    amendment.cohort = membership.cohort
    if asked.closed_at is not None:
        return _page(request, membership, amendment, over=True)
    form = None
    if request.method == "POST":
        form = AnswerForm(request.POST, text_hash=asked.text_hash, rule=asked.rule)
        if form.is_valid():
            mailed = form.cleaned_data["text_hash"]
            if given(form, asked, membership):
                return _page(request, membership, amendment, thanks=True)
    lines = parts.lines_of(
        parts.proposed_in(membership.person, amendment),
        parts.clauses_before(amendment, None, membership.person),
    )
    asking = parts.asking_of(
        asked, amendment, membership=membership, lines=lines, now=timezone.now()
    )
    return _page(
        request,
        membership,
        amendment,
        lines=lines,
        asking=asking,
        # Only what the reader has not answered yet is new to them.
        news=news_since(wordings_of(membership.person, amendment), mailed)
        if asking.waits_for_me
        else [],
        form=form or parts.answer_form(asking),
        talk_url=reverse(
            "charters:talk_link", args=[notices.talk_token(amendment, membership)]
        ),
        status=422 if form is not None else 200,
    )


@by_link(why="the mailed link of one proposal for one member: to ask and to react")
def talk_link(request: HttpRequest, talk_token: str) -> HttpResponse:
    """GET shows the proposal with its changes; POST asks or reacts. Decides nothing."""
    read = notices.read_talk_token(talk_token)
    membership = seat_of_link(read[1]) if read else None
    if read is None or membership is None:
        return no_link(request)
    amendment = (
        Amendment.objects.visible_to(membership.person)
        .filter(pk=read[0])
        .select_related("proposer__person")
        .first()
    )
    if amendment is None:
        return no_link(request)
    amendment.cohort = membership.cohort
    with speaking_to(membership):
        return _talk(request, membership, amendment)


def _talk(
    request: HttpRequest, membership: Membership, amendment: Amendment
) -> HttpResponse:
    if not amendment.is_open:
        return _page(request, membership, amendment, over=True)
    if request.method == "POST":
        return _said(request, membership, amendment)
    asks = amendment.state in (Amendment.State.DRAFT, Amendment.State.CLARIFY)
    return _page(
        request,
        membership,
        amendment,
        talking=True,
        lines=parts.lines_of(
            parts.proposed_in(membership.person, amendment),
            parts.clauses_before(amendment, None, membership.person),
        ),
        remarks=Remark.objects.visible_to(membership.person)
        .of(amendment)
        .filter(about=None)
        .select_related("member__person"),
        remark_form=RemarkForm(
            initial={"kind": Remark.Kind.QUESTION if asks else Remark.Kind.REACTION},
            auto_id="talk_%s",
        ),
    )


def _said(
    request: HttpRequest, membership: Membership, amendment: Amendment
) -> HttpResponse:
    form = RemarkForm(request.POST, auto_id="talk_%s")
    if not form.is_valid():
        return _page(request, membership, amendment, empty=form, status=422)
    amending.say(
        amendment,
        by=membership,
        kind=form.cleaned_data["kind"],
        text=form.cleaned_data["text"],
        client_key=form.key,
        now=timezone.now(),
    )
    return _page(request, membership, amendment, said=True)


def _page(
    request: HttpRequest,
    membership: Membership,
    amendment: Amendment,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    return kept_nowhere(
        render(
            request,
            "charters/answer_link.html",
            {"cohort": membership.cohort, "amendment": amendment, **more},
            status=status,
        )
    )


def no_link(request: HttpRequest) -> HttpResponse:
    """The same page for a spoiled link, an old one, and one whose seat has ended."""
    return kept_nowhere(
        render(request, "charters/answer_link.html", {"spoiled": True}, status=404)
    )


def kept_nowhere(response: HttpResponse) -> HttpResponse:
    response.headers["Content-Language"] = translation.get_language() or "en"
    response.headers["Cache-Control"] = "no-store, private"
    # Not "no-referrer": browsers then send no Origin either, and CSRF would refuse.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
