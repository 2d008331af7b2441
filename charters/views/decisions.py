"""One decision: its text, its round, the answers, and what its proposer can do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from charters import amending
from charters.consent import ADVICE
from charters.forms import AnswerForm, RemarkForm, SearchForm
from charters.models import (
    LONGEST_REASON,
    MOST_ROUNDS,
    Amendment,
    CharterVersion,
    Clause,
    Consent,
    ConsentRound,
    Remark,
    Steers,
    Wording,
)
from charters.views import drafting, parts
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from people.access import outbox_post
from people.prepared import prepared, the_one

PAGE = 20


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
    """Everything the circle was ever asked about its charter; what is over in pages."""
    form = SearchForm(request.GET)
    everything = (
        Amendment.objects.visible_to(request.user)
        .of(cohort)
        .select_related("proposer__person")
    )
    if form.is_valid():
        if words := form.cleaned_data["q"]:
            everything = everything.filter(
                Q(title__icontains=words)
                | Q(why__icontains=words)
                | Q(proposer__person__called__icontains=words)
            )
        if became := form.cleaned_data["became"]:
            everything = everything.filter(state=became)
    rounds = {
        asked.amendment_id: asked for asked in parts.open_rounds(request.user, cohort)
    }
    over = everything.exclude(closed_at=None).order_by("-closed_at", "pk")
    return render(
        request,
        "charters/decisions.html",
        {
            "cohort": cohort,
            "form": form,
            "searches": any(request.GET.get(name) for name in ("q", "became")),
            "open": [
                (amendment, rounds.get(amendment.pk))
                for amendment in everything.open().order_by("-proposed_at", "pk")
            ],
            "page": Paginator(over, PAGE).get_page(request.GET.get("page")),
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
        changed = not given(form, asked, membership)
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


def given(form: AnswerForm, asked: ConsentRound, membership: Membership) -> bool:
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
    """The round that asks now."""
    newest = the_one(newest_round(request.user, amendment))
    return newest if newest and newest.closed_at is None else None


@prepared
def newest_round(viewer: Any, amendment: Amendment) -> QuerySet[ConsentRound]:
    return (
        ConsentRound.objects.visible_to(viewer)
        .filter(amendment=amendment)
        .order_by("-number")[:1]
    )


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
    before = parts.clauses_before(amendment, made, request.user)
    # The round before the words: if they change in between, the answer meets another
    # text and is asked for anew. The other way round it would count, unread.
    newest = the_one(newest_round(request.user, amendment))
    lines = parts.lines_of(parts.proposed_in(request.user, amendment), before)
    asked = newest if newest and newest.closed_at is None else None
    standing = (
        parts.asking_of(newest, amendment, membership=membership, lines=lines, now=now)
        if newest
        else None
    )
    asking = standing if asked else None
    wordings = wordings_of(request.user, amendment)
    # What a new wording voided is on record; there is none with one wording only.
    earlier = earlier_answers(request.user, amendment) if len(wordings) > 1 else []
    history = History(wordings, earlier, membership, asking)
    remarks = _remarks_on(request.user, amendment)
    uses = {remark.about_id: remark for remark in remarks if remark.about_id}
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
            "standing": standing,
            "roll": standing if asked is None else None,
            "how": _how(amendment, asking, lines, before),
            "deciding_clause": next(
                (c.number for c in before if c.steers == Steers.DECIDING), None
            ),
            "form": form or (parts.answer_form(asking) if asking else None),
            "changed": changed,
            "news": news_since(wordings, request.POST.get("text_hash", ""))
            if changed
            else history.news,
            "history": history,
            "steps": _rewordings(wordings),
            "made": made,
            "advice": _advice(standing, earlier, uses),
            "remarks": [remark for remark in remarks if not remark.about_id],
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


def _how(
    amendment: Amendment,
    asking: parts.Asking | None,
    lines: list[parts.Line],
    before: list[Clause],
) -> list[str]:
    """By which rule it is decided, or would be; nothing for what is over."""
    if asking is not None:
        return asking.how
    if not amendment.is_open:
        return []
    proposed = [line.proposed for line in lines if line.proposed]
    return parts.in_what_way(amending.how_to_decide(proposed, before))


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One piece of advice, what became of it, and whether the text moved on since."""

    given: Consent
    use: Remark | None


def _advice(
    standing: parts.Asking | None,
    earlier: list[Consent],
    uses: dict[Any, Remark],
) -> list[Advice]:
    if standing is None or standing.round.rule != ADVICE.code:
        return []
    given = [
        one
        for one in [*earlier, *standing.stands.answers.values()]
        if one.kind == Consent.Kind.CONCERN
        and one.member_id != standing.amendment.proposer_id
    ]
    return [Advice(given=one, use=uses.get(one.pk)) for one in given]


@prepared
def wordings_of(viewer: Any, amendment: Amendment) -> QuerySet[Wording]:
    return (
        Wording.objects.visible_to(viewer)
        .filter(amendment=amendment)
        .select_related("worded_by__person")
        .order_by("number")
    )


@prepared
def earlier_answers(viewer: Any, amendment: Amendment) -> QuerySet[Consent]:
    """Answers to words that were changed since: void, and kept on record."""
    return (
        Consent.objects.visible_to(viewer)
        .filter(round__amendment=amendment)
        .exclude(voided_at=None)
        .select_related("member__person")
        .order_by("given_at", "pk")
    )


@prepared
def _remarks_on(viewer: Any, amendment: Amendment) -> QuerySet[Remark]:
    return (
        Remark.objects.visible_to(viewer).of(amendment).select_related("member__person")
    )


@dataclass(frozen=True)
class History:
    """What was answered to earlier words, and what that means for one reader."""

    wordings: list[Wording]
    earlier: list[Consent]
    membership: Membership
    asking: parts.Asking | None

    @property
    def integrated(self) -> list[Consent]:
        return [
            one for one in self.earlier if one.is_objection and one.integrated_by_id
        ]

    @property
    def void(self) -> list[Consent]:
        """Everything else that no longer counts, with each one's name."""
        return [one for one in self.earlier if not one.integrated_by_id]

    @property
    def mine(self) -> Consent | None:
        """The reader's last answer to earlier words, while they are asked anew."""
        if self.asking is None or not self.asking.waits_for_me:
            return None
        mine = [one for one in self.earlier if one.member_id == self.membership.pk]
        return mine[-1] if mine else None

    @property
    def reworded(self) -> Wording | None:
        """The words that voided the reader's last answer: when, and by whom."""
        mine = self.mine
        if mine is None:
            return None
        after = [w for w in self.wordings if w.worded_at >= mine.given_at]
        after = [w for w in after if w.text_hash != mine.text_hash] or self.wordings
        return after[0]

    @property
    def news(self) -> list[dict[str, Any]]:
        return news_since(self.wordings, self.mine.text_hash) if self.mine else []

    @property
    def mended_for(self) -> list[Consent]:
        """Objections that the present words took in, and whose people are silent."""
        if self.asking is None or not self.wordings:
            return []
        return [
            one
            for one in self.integrated
            if one.integrated_by_id == self.wordings[-1].pk
            and one.member_id not in self.asking.stands.answers
            and one.member_id != self.membership.pk
        ]

    @property
    def mended_for_me(self) -> bool:
        mine = self.mine
        return bool(mine and mine.is_objection and mine.integrated_by_id)


def news_since(wordings: list[Wording], read: str) -> list[dict[str, Any]]:
    """What is new in the present text for somebody who read an earlier one.

    `read` is the hash of that text, or its head.
    """
    earlier = next(
        (w for w in reversed(wordings) if read and w.text_hash.startswith(read)), None
    )
    if earlier is None or earlier.text_hash == wordings[-1].text_hash:
        return []
    return between(earlier, wordings[-1])


def between(one: Wording, other: Wording) -> list[dict[str, Any]]:
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
        {"wording": other, "changes": between(one, other)}
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
        opened = amending.open_round(amendment, by=membership, now=now)
        # Whoever opens the round of somebody else has said nothing yet.
        messages.success(
            request,
            _("Everyone is asked. You consent by proposing.")
            if membership.pk == amendment.proposer_id
            else parts.who_is_asked(opened.asks),
        )
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
    elif step == "here":
        amendment = amending.take_up_again(amendment, by=membership, now=now)
        amending.open_round(amendment, by=membership, now=now)
        messages.success(
            request,
            _("Everyone is asked about these words again. When all said yes: adopt."),
        )
    elif step == "unsay":
        asked = _round_of(request, amendment)
        if asked is not None:
            amending.take_back(asked, by=membership, now=now)
        messages.success(request, _("Your answer is taken back. You can answer anew."))
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


@require_POST
@cohort_page
def decision_use(
    request: HttpRequest, cohort: Cohort, membership: Membership, consent_id: UUID
) -> HttpResponse:
    """What became of one piece of advice."""
    advice = get_object_or_404(
        Consent.objects.visible_to(request.user).select_related("round__amendment"),
        cohort=cohort,
        pk=consent_id,
    )
    amending.use_advice(
        advice,
        by=membership,
        text=request.POST.get("text", "")[:LONGEST_REASON],
        now=timezone.now(),
    )
    messages.success(request, _("Kept beside the advice, for everyone to read."))
    url = redirect("charters:decision", cohort.slug, advice.round.amendment_id).url
    return redirect(f"{url}#advice")


@cohort_page
def decision_record(
    request: HttpRequest, cohort: Cohort, membership: Membership, amendment_id: UUID
) -> HttpResponse:
    """All of one decision on a page to print: every text, who said what to which."""
    amendment = _amendment(request, cohort, amendment_id)
    rounds = list(
        ConsentRound.objects.visible_to(request.user)
        .filter(amendment=amendment)
        .order_by("number")
    )
    answers = list(
        Consent.objects.visible_to(request.user)
        .filter(round__amendment=amendment)
        .select_related("member__person")
        .order_by("given_at", "pk")
    )
    numbered = {asked.pk: asked for asked in rounds}
    for one in answers:
        one.round = numbered[one.round_id]
    wordings = wordings_of(request.user, amendment)
    return render(
        request,
        "charters/decision_record.html",
        {
            "cohort": cohort,
            "amendment": amendment,
            "made": _version_made(request, amendment),
            "texts": [
                (wording, [a for a in answers if _words_of(a, wordings) == wording])
                for wording in wordings
            ],
            "rounds": [(asked, parts.in_what_way(_kept_of(asked))) for asked in rounds],
            "remarks": _remarks_on(request.user, amendment),
            "now": timezone.now(),
        },
    )


def _words_of(given: Consent, wordings: list[Wording]) -> Wording | None:
    """What it was given to: of words that came back, the last before the answer."""
    same = [w for w in wordings if w.text_hash == given.text_hash]
    before = [w for w in same if w.worded_at <= given.given_at]
    return next(reversed(before or same), None)


def _kept_of(asked: ConsentRound) -> dict[str, Any]:
    return {
        name: getattr(asked, name)
        for name in ("rule", "asks", "support", "silence_counts", "grounds")
    }
