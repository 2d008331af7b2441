"""One decision: its text, its round, the answers, and what its proposer can do."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from charters import amending, notices
from charters.forms import AnswerForm, ClauseForm, RemarkForm
from charters.models import (
    MOST_ROUNDS,
    Amendment,
    CharterVersion,
    Consent,
    ConsentRound,
    ProposedClause,
    Remark,
    Wording,
)
from charters.views import drafting, parts
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from people.access import by_link, outbox_post
from people.prepared import prepared, the_one


def _amendment(request: HttpRequest, cohort: Cohort, pk: UUID) -> Amendment:
    amendment = the_one(_amendment_of(request.user, cohort, pk))
    if amendment is None:
        raise Http404
    amendment.cohort = cohort
    return amendment


@prepared
def _amendment_of(viewer: Any, cohort: Cohort, pk: UUID) -> QuerySet[Amendment]:
    return (
        Amendment.objects.visible_to(viewer)
        .filter(cohort=cohort, pk=pk)
        .select_related("proposer__person")
    )


@cohort_page
def decisions(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    """Everything the circle was ever asked about its charter."""
    everything = (
        Amendment.objects.visible_to(request.user)
        .of(cohort)
        .select_related("proposer__person")
        .order_by("closed_at", "-proposed_at", "pk")
    )
    rounds = {
        asked.amendment_id: asked for asked in parts.open_rounds(request.user, cohort)
    }
    rows = [(a, rounds.get(a.pk)) for a in everything]
    return render(
        request,
        "charters/decisions.html",
        {
            "cohort": cohort,
            "open": [row for row in rows if row[0].is_open],
            "over": [row for row in reversed(rows) if not row[0].is_open],
        },
    )


@outbox_post
@cohort_page
def decision(
    request: HttpRequest, cohort: Cohort, membership: Membership, amendment_id: UUID
) -> HttpResponse:
    """The page of a decision; posting answers it."""
    amendment = _amendment(request, cohort, amendment_id)
    if request.method == "POST":
        return _answer(request, amendment, membership)
    return _show(request, amendment, membership)


def _answer(
    request: HttpRequest, amendment: Amendment, membership: Membership
) -> HttpResponse:
    asked = _round_of(request, amendment)
    form = AnswerForm(
        request.POST,
        text_hash=asked.text_hash if asked else "",
        rule=asked.rule if asked else "consent",
    )
    changed = False
    if form.is_valid() and asked is not None:
        changed = not _given(form, asked, membership)
        if not changed:
            messages.success(
                request,
                _(
                    "Your answer stands beside this text. If the text changes, you are "
                    "asked again."
                ),
            )
            return redirect("charters:decision", amendment.cohort.slug, amendment.pk)
    if asked is None:
        messages.warning(request, _("This is decided already; your answer came late."))
        return redirect("charters:decision", amendment.cohort.slug, amendment.pk)
    return _show(request, amendment, membership, form=form, changed=changed)


def _given(form: AnswerForm, asked: ConsentRound, membership: Membership) -> bool:
    """Take the answer; False when the text changed, and the form asks anew."""
    words = form.cleaned_data
    try:
        amending.answer(
            asked,
            by=membership,
            kind=words["kind"],
            text_hash=words["text_hash"],
            reason=words["reason"],
            harm=words["harm"],
            fix=words["fix"],
            lang=get_language() or "en",
            client_key=form.key,
            now=timezone.now(),
        )
    except amending.TextChanged as changed:
        form.add_error(None, str(changed.sentence))
        form.ask_about(asked.text_hash)
        return False
    return True


def _round_of(request: HttpRequest, amendment: Amendment) -> ConsentRound | None:
    return the_one(_open_round(request.user, amendment))


@prepared
def _open_round(viewer: Any, amendment: Amendment) -> QuerySet[ConsentRound]:
    return ConsentRound.objects.visible_to(viewer).open().filter(amendment=amendment)


def _show(
    request: HttpRequest,
    amendment: Amendment,
    membership: Membership,
    *,
    form: AnswerForm | None = None,
    changed: bool = False,
) -> HttpResponse:
    now = timezone.now()
    made = _version_made(request, amendment)
    lines = parts.lines_of(
        parts.proposed_in(request.user, amendment),
        parts.clauses_before(amendment, made, request.user),
    )
    asked = _round_of(request, amendment)
    asking = (
        parts.asking_of(asked, amendment, membership=membership, lines=lines, now=now)
        if asked
        else None
    )
    wordings = _wordings_of(request.user, amendment)
    read = (
        request.POST.get("text_hash", "")
        if changed
        else _last_read(request, amendment, membership, asking, wordings)
    )
    return render(
        request,
        "charters/decision.html",
        {
            "cohort": amendment.cohort,
            "amendment": amendment,
            "membership": membership,
            "lines": lines,
            **_writing_together(request, amendment, membership, lines),
            "asking": asking,
            "form": form or (parts.answer_form(asking) if asking else None),
            "changed": changed,
            "news": _news(wordings, read),
            "steps": _rewordings(wordings),
            "made": made,
            # What took an objection in is a second wording at least.
            "integrated": _integrated(request.user, amendment)
            if len(wordings) > 1
            else [],
            "remarks": _remarks_on(request.user, amendment),
            "remark_form": RemarkForm(
                initial={"kind": _usual_remark(amendment)}, auto_id="talk_%s"
            ),
            "may_write": amending.may_write(amendment, membership),
            "may_steer": amending.may_steer(amendment, membership),
            "may_withdraw": amendment.proposer_id == membership.pk
            or amendment.proposer.left_at is not None,
            "last_round": bool(asked and asked.number >= MOST_ROUNDS),
            "rounds": MOST_ROUNDS,
            "now": now,
        },
        status=422 if form is not None else 200,
    )


def _writing_together(
    request: HttpRequest,
    amendment: Amendment,
    membership: Membership,
    lines: list[parts.Line],
) -> dict[str, Any]:
    """Sections of a first charter; while it is written, who writes and what is out."""
    shown: dict[str, Any] = {
        "groups": parts.in_sections(lines) if amendment.founding else [("", lines)]
    }
    is_written = amendment.is_open and not amendment.is_deciding
    if is_written and amending.may_write(amendment, membership):
        shown |= {
            "is_written": True,
            "left_out": parts.left_out_of(request.user, amendment),
            **drafting.who_writes(request, amendment, membership),
        }
    return shown


@prepared
def _wordings_of(viewer: Any, amendment: Amendment) -> QuerySet[Wording]:
    return (
        Wording.objects.visible_to(viewer)
        .filter(amendment=amendment)
        .select_related("worded_by__person")
        .order_by("number")
    )


@prepared
def _integrated(viewer: Any, amendment: Amendment) -> QuerySet[Consent]:
    return (
        Consent.objects.visible_to(viewer)
        .objections()
        .filter(round__amendment=amendment)
        .exclude(integrated_by=None)
        .select_related("member__person")
        .order_by("given_at", "pk")
    )


@prepared
def _remarks_on(viewer: Any, amendment: Amendment) -> QuerySet[Remark]:
    return (
        Remark.objects.visible_to(viewer).of(amendment).select_related("member__person")
    )


def _last_read(
    request: HttpRequest,
    amendment: Amendment,
    membership: Membership,
    asking: parts.Asking | None,
    wordings: list[Wording],
) -> str:
    """The text this reader answered before, if it was another one."""
    if asking is None or not asking.waits_for_me or len(wordings) < 2:
        return ""
    earlier = (
        Consent.objects.visible_to(request.user)
        .filter(round__amendment=amendment, member=membership)
        .order_by("-given_at", "-pk")
        .first()
    )
    return earlier.text_hash if earlier else ""


def _news(wordings: list[Wording], read: str) -> list[dict[str, Any]]:
    """What is new in the present text for somebody who read an earlier one."""
    earlier = next((w for w in wordings if w.text_hash == read), None)
    if earlier is None or earlier.pk == wordings[-1].pk:
        return []
    return _between(earlier, wordings[-1])


def _between(one: Wording, other: Wording) -> list[dict[str, Any]]:
    before = {parts_["key"]: parts_ for parts_ in one.clauses}
    return [
        {
            "before": before.get(parts_["key"], {"title": "", "text": ""}),
            "after": parts_,
        }
        for parts_ in other.clauses
        if before.get(parts_["key"]) != parts_
    ]


def _rewordings(wordings: list[Wording]) -> list[dict[str, Any]]:
    return [
        {"wording": other, "changes": _between(one, other)}
        for one, other in pairwise(wordings)
    ]


def _version_made(request: HttpRequest, amendment: Amendment) -> CharterVersion | None:
    if amendment.state != Amendment.State.ADOPTED:
        return None
    return (
        CharterVersion.objects.visible_to(request.user)
        .filter(amendment=amendment)
        .first()
    )


def _usual_remark(amendment: Amendment) -> str:
    clarifying = amendment.state in (Amendment.State.DRAFT, Amendment.State.CLARIFY)
    return Remark.Kind.QUESTION if clarifying else Remark.Kind.REACTION


# --- What the proposer and the facilitators do -----------------------------------


@require_POST
@cohort_page
def decision_step(
    request: HttpRequest, cohort: Cohort, membership: Membership, amendment_id: UUID
) -> HttpResponse:
    """One button for each step; the domain says who may, and when."""
    amendment = _amendment(request, cohort, amendment_id)
    now = timezone.now()
    step = request.POST.get("step", "")
    if step in ("clarify", "react"):
        amending.ask_for(amendment, step, by=membership, now=now)
        messages.success(request, _("The circle can talk about it now."))
    elif step == "ask":
        amending.open_round(amendment, by=membership, now=now)
        messages.success(request, _("Everyone is asked. You consent by proposing."))
    elif step == "extend":
        amending.extend(amendment, by=membership, now=now)
        messages.success(request, _("There is more time; answers so far stay."))
    elif step == "send":
        amending.send_to_session(amendment, by=membership, now=now)
        messages.success(request, _("Kept for a session, where you can talk."))
    elif step == "adopt":
        version = amending.adopt(amendment, by=membership, now=now)
        messages.success(
            request, _("Version %(n)d is in force.") % {"n": version.number}
        )
        return redirect("charters:charter", cohort.slug)
    elif step == "again":
        amendment = amending.take_up_again(amendment, by=membership, now=now)
        messages.success(request, _("Here are its words again, as a new proposal."))
    return redirect("charters:decision", cohort.slug, amendment.pk)


@cohort_page
def decision_withdraw(
    request: HttpRequest, cohort: Cohort, membership: Membership, amendment_id: UUID
) -> HttpResponse:
    amendment = _amendment(request, cohort, amendment_id)
    if request.method == "POST":
        amending.withdraw(amendment, by=membership, now=timezone.now())
        messages.success(request, _("Taken back. What was said about it stays here."))
        return redirect("charters:decision", cohort.slug, amendment.pk)
    return render(
        request,
        "charters/decision_withdraw.html",
        {"cohort": cohort, "amendment": amendment},
    )


@require_POST
@cohort_page
def decision_say(
    request: HttpRequest, cohort: Cohort, membership: Membership, amendment_id: UUID
) -> HttpResponse:
    amendment = _amendment(request, cohort, amendment_id)
    form = RemarkForm(request.POST)
    if form.is_valid():
        amending.say(
            amendment,
            by=membership,
            kind=form.cleaned_data["kind"],
            text=form.cleaned_data["text"],
            client_key=form.key,
            now=timezone.now(),
        )
    else:
        messages.warning(request, _("Write a line first."))
    url = redirect("charters:decision", cohort.slug, amendment.pk).url
    return redirect(f"{url}#talk")


@cohort_page
def decision_integrate(
    request: HttpRequest, cohort: Cohort, membership: Membership, consent_id: UUID
) -> HttpResponse:
    """The objection on one side, the words that answer it on the other."""
    objection = get_object_or_404(
        Consent.objects.visible_to(request.user)
        .objections()
        .select_related(
            "member__person", "round__amendment__proposer__person", "round__wording"
        ),
        cohort=cohort,
        pk=consent_id,
    )
    amendment = objection.round.amendment
    amendment.cohort = cohort
    if objection.voided_at is not None or not amendment.is_deciding:
        messages.warning(request, _("That objection was answered already."))
        return redirect("charters:decision", cohort.slug, amendment.pk)
    proposed = [
        p
        for p in ProposedClause.objects.visible_to(request.user).of(amendment)
        if not p.is_removed
    ]
    forms = [
        (
            line,
            ClauseForm(
                parts.typed(request),
                prefix=str(line.position),
                current=line,
                steers=line.steers,
                value=line.value,
                initial={
                    name: getattr(line, name)
                    for name in ("title", "text", "section", "lang")
                },
            ),
        )
        for line in proposed
    ]
    # Every form is looked at, so that every error shows at once.
    if request.method == "POST" and all([form.is_valid() for _line, form in forms]):
        amending.integrate(
            objection,
            by=membership,
            words={
                line.key: amending.Rewrite(
                    edition=form.cleaned_data["edition"] or line.edition,
                    title=form.cleaned_data["title"],
                    text=form.cleaned_data["text"],
                    section=form.cleaned_data["section"],
                    lang=form.cleaned_data["lang"],
                    value=form.value,
                )
                for line, form in forms
            },
            now=timezone.now(),
        )
        messages.success(
            request,
            _("The new text is before the circle. Earlier answers no longer count."),
        )
        return redirect("charters:decision", cohort.slug, amendment.pk)
    return render(
        request,
        "charters/decision_integrate.html",
        {
            "cohort": cohort,
            "amendment": amendment,
            "objection": objection,
            "forms": forms,
            "last_round": objection.round.number >= MOST_ROUNDS,
            "may_write": amending.may_write(amendment, membership),
        },
        status=422 if request.method == "POST" else 200,
    )


# --- From the mail ---------------------------------------------------------------


@by_link(why="the mailed link of one round for one member: a page with one question")
def answer_link(request: HttpRequest, round_token: str) -> HttpResponse:
    """GET shows the question and changes nothing; POST answers it."""
    read = notices.read_answer_token(round_token)
    if read is None:
        raise Http404
    round_pk, membership_pk = read
    membership = (
        Membership.objects.active()
        .filter(pk=membership_pk, person__is_active=True)
        .select_related("cohort__program", "person")
        .first()
    )
    if membership is None:
        raise Http404
    # Read as the member whom the link names, and as nobody else.
    asked = (
        ConsentRound.objects.visible_to(membership.person)
        .filter(pk=round_pk)
        .select_related("amendment__proposer__person", "wording")
        .first()
    )
    if asked is None:
        raise Http404
    amendment = asked.amendment
    amendment.cohort = membership.cohort
    if asked.closed_at is not None:
        return _link_page(request, membership, amendment, over=True)
    form = None
    changed = False
    if request.method == "POST":
        form = AnswerForm(request.POST, text_hash=asked.text_hash, rule=asked.rule)
        if form.is_valid():
            changed = not _given(form, asked, membership)
            if not changed:
                return _link_page(request, membership, amendment, thanks=True)
    lines = parts.lines_of(
        parts.proposed_in(membership.person, amendment),
        parts.clauses_before(amendment, None, membership.person),
    )
    asking = parts.asking_of(
        asked, amendment, membership=membership, lines=lines, now=timezone.now()
    )
    return _link_page(
        request,
        membership,
        amendment,
        lines=lines,
        asking=asking,
        form=form or parts.answer_form(asking),
        status=422 if form is not None else 200,
    )


def _link_page(
    request: HttpRequest,
    membership: Membership,
    amendment: Amendment,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    response = render(
        request,
        "charters/answer_link.html",
        {"cohort": membership.cohort, "amendment": amendment, **more},
        status=status,
    )
    response.headers["Cache-Control"] = "no-store, private"
    # Not "no-referrer": browsers then send no Origin either, and CSRF would refuse.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
