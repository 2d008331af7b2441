"""Selecting, for the leads of a call: quotas, bands, the lottery, who is next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from cohorts import banding, drawing, promoting, quotas
from cohorts.access import lead_call_page
from cohorts.forms.selection import (
    CommitForm,
    DeclineForm,
    EaseForm,
    GiveUpForm,
    MoveForm,
    NewQuotaForm,
    QuotaForm,
    ReasonForm,
    SourceForm,
    ValueForm,
)
from cohorts.models import (
    Application,
    Band,
    BandMove,
    Intake,
    Lottery,
    Placement,
    Quota,
    Standing,
    Ticket,
)
from cohorts.tasks import prepare_lottery
from cohorts.views.calls import person_of
from people.refusal import Refused
from people.tasks import knock

PAGE_SIZE = 50
# A kind of fewer people is not shown by itself: who they are could be told.
SMALLEST_KIND = 3
# Pages of a thousand kinds say nothing; the rest is told together.
MOST_KINDS = 40
State = Lottery.State
NOWHERE = "none"
FILTERS = {
    "": gettext_lazy("all who are still open"),
    NOWHERE: gettext_lazy("in no band"),
    **dict(Band.choices),
}


def home_of(intake: Intake) -> str:
    return reverse("cohorts:selection_home", args=[intake.slug])


@lead_call_page
def selection_home(request: HttpRequest, intake: Intake) -> HttpResponse:
    """How far selecting is, and each step of it."""
    person = person_of(request)
    lottery = drawing.latest(intake, by=person)
    bands = banding.counted(intake, by=person)
    # Between a published draw and its value nobody is next in line.
    drawn = lottery is not None and lottery.state == State.DRAWN
    line = None
    if lottery is None or drawn or not lottery.is_fixed:
        line = promoting.line_of(intake, by=person)
    if line is None and drawn:
        free = promoting.free_seats(intake, by=person)
        line = promoting.Line(free=free, waiting=0, next=None)
    return render(
        request,
        "cohorts/selection_home.html",
        {
            "intake": intake,
            "quotas": quota_lines(intake),
            "is_fixed": quotas.is_fixed(intake),
            "source": quotas.source_of(intake),
            "bands": {**bands, "unplaced": bands[""]},
            "lottery": lottery,
            "line": line,
        },
    )


def quota_lines(intake: Intake) -> list[tuple[Quota, str, str]]:
    """Each quota, whom it counts, and its bounds in words."""
    return [
        (
            quota,
            quotas.named(quota.trait.label, quota.value),
            quotas.bounds(quota.least, quota.most, seats=intake.seats),
        )
        for quota in quotas.quotas_of(intake)
    ]


# --- Quotas and the source of chance --------------------------------------------------


def _form_page(
    request: HttpRequest, intake: Intake, form: Any, title: str
) -> HttpResponse:
    return render(
        request,
        "cohorts/selection_form.html",
        {"intake": intake, "form": form, "title": title},
        status=422 if form.is_bound else 200,
    )


@lead_call_page
def quota_new(request: HttpRequest, intake: Intake) -> HttpResponse:
    quotas.refuse_if_fixed(intake)
    traits = list(intake.traits.order_by("position", "pk"))
    form = NewQuotaForm(request.POST or None, intake=intake, traits=traits)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            quotas.add(
                intake,
                by=person_of(request),
                client_key=form.key,
                **{n: asked[n] for n in ("trait", "value", "least", "most", "why")},
            )
        except Refused as refusal:
            form.add_error("whom", str(refusal.sentence))
        else:
            messages.success(request, _("The quota stands, in public."))
            return redirect("cohorts:selection_home", intake.slug)
    return _form_page(request, intake, form, _("Keep seats"))


def _quota_or_404(intake: Intake, quota_id: UUID) -> Quota:
    quota = get_object_or_404(
        Quota.objects.select_related("trait"), intake=intake, pk=quota_id
    )
    quota.intake = intake
    return quota


@lead_call_page
def quota_change(request: HttpRequest, intake: Intake, quota_id: UUID) -> HttpResponse:
    quota = _quota_or_404(intake, quota_id)
    quotas.refuse_if_fixed(intake)
    form = QuotaForm(
        request.POST or None,
        current=quota,
        initial={"least": quota.least, "most": quota.most, "why": quota.why},
    )
    if request.method == "POST" and form.is_valid():
        asked = {n: form.cleaned_data[n] for n in ("least", "most", "why")}
        quotas.change(quota, by=person_of(request), **asked)
        messages.success(request, _("Saved."))
        return redirect("cohorts:selection_home", intake.slug)
    return _form_page(
        request, intake, form, quotas.named(quota.trait.label, quota.value)
    )


@lead_call_page
def quota_remove(request: HttpRequest, intake: Intake, quota_id: UUID) -> HttpResponse:
    quota = _quota_or_404(intake, quota_id)
    if request.method == "POST":
        quotas.remove(quota, by=person_of(request))
        messages.success(request, _("The quota is removed."))
        return redirect("cohorts:selection_home", intake.slug)
    quotas.refuse_if_fixed(intake)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Remove this quota?"),
            "consequence": quotas.named(quota.trait.label, quota.value),
            "action": _("Remove"),
            "back": home_of(intake),
        },
    )


@lead_call_page
def source_say(request: HttpRequest, intake: Intake) -> HttpResponse:
    quotas.refuse_if_fixed(intake)
    source = quotas.source_of(intake)
    form = SourceForm(
        request.POST or None,
        current=source,
        initial={"words": source.words} if source else None,
    )
    if request.method == "POST" and form.is_valid():
        quotas.say_source(
            intake, words=form.cleaned_data["words"], by=person_of(request)
        )
        messages.success(request, _("Saved. It stands on the public page."))
        return redirect("cohorts:selection_home", intake.slug)
    return _form_page(request, intake, form, _("Where chance comes from"))


# --- Bands ----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class BandRow:
    """One application on the page of bands."""

    key: UUID
    code: str
    called: str
    band: str
    reason: str
    ticket: str  # what the tick sends: which one, and the edition that was seen
    proposal: banding.Proposal | None
    is_ticked: bool = False

    @property
    def band_label(self) -> Any:
        return Band(self.band).label if self.band else ""

    @property
    def proposed_label(self) -> Any:
        return Band(self.proposal.band).label if self.proposal else ""

    @property
    def differs(self) -> bool:
        return bool(self.proposal and self.band and self.proposal.band != self.band)


@lead_call_page
def band_list(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Every open application with what the readings propose; moved by the form."""
    if request.method == "POST":
        return _moved(request, intake)
    return _bands_page(request, intake, MoveForm())


def _moved(request: HttpRequest, intake: Intake) -> HttpResponse:
    form = MoveForm(request.POST)
    seen = _ticked(request)
    if not seen:
        form.add_error(None, _("Tick at least one application first."))
    if form.is_valid():
        try:
            n = banding.place(
                intake,
                seen,
                band=form.cleaned_data["band"],
                reason=form.cleaned_data["reason"],
                by=person_of(request),
                now=timezone.now(),
            )
        except banding.Overtaken as overtaken:
            form.add_error(None, str(overtaken.sentence))
            return _bands_page(
                request, intake, form, ticked=set(seen), overlaps=overtaken.overlaps
            )
        messages.success(
            request,
            ngettext(
                "%(n)s application moved. Nobody is told.",
                "%(n)s applications moved. Nobody is told.",
                n,
            )
            % {"n": n},
        )
        where = redirect("cohorts:band_list", intake.slug)
        if request.GET:
            where["Location"] += f"?{request.GET.urlencode()}"
        return where
    return _bands_page(request, intake, form, ticked=set(seen))


def _ticked(request: HttpRequest) -> dict[UUID, int]:
    """The ticked ones, each with the edition of its band on that page."""
    seen: dict[UUID, int] = {}
    for value in request.POST.getlist("ticked")[:1000]:
        key, _colon, edition = value.partition(":")
        if edition.isascii() and edition.isdigit() and len(edition) < 9:
            try:
                seen[UUID(key)] = int(edition)
            except ValueError:
                continue
    return seen


def _bands_page(
    request: HttpRequest,
    intake: Intake,
    form: MoveForm,
    *,
    ticked: Iterable[UUID] = (),
    overlaps: Iterable[banding.Overlap] = (),
) -> HttpResponse:
    person = person_of(request)
    found = banding.outlook(intake, by=person)
    shown = request.GET.get("band", "")
    bands = dict(
        Placement.objects.visible_to(person)
        .filter(intake=intake)
        .values_list("application", "band")
    )
    still_open = list(
        Application.objects.visible_to(person)
        .submitted()
        .filter(intake=intake, outcome__in=banding.OPEN)
        .order_by("submitted_at", "pk")
        .values_list("pk", flat=True)
    )
    wanted = [
        key
        for key in _in_order(still_open, found)
        if not shown or bands.get(key, NOWHERE) == shown
    ]
    page = Paginator(wanted, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "cohorts/band_list.html",
        {
            "intake": intake,
            "form": form,
            "page": page,
            "rows": _rows(request, list(page.object_list), found, set(ticked)),
            "overlaps": overlaps,
            "outlook": found,
            "filters": [
                (key, label, _how_many(key, still_open, bands))
                for key, label in FILTERS.items()
            ],
            "shown": shown,
            "to_follow": sum(key not in bands for key in found.proposals)
            if found.is_enough
            else 0,
            "is_fixed": quotas.is_fixed(intake),
            "address": request.GET.urlencode(),
        },
        status=422 if form.is_bound else 200,
    )


def _how_many(key: str, still_open: list[UUID], bands: dict[UUID, str]) -> int:
    return sum(not key or bands.get(one, NOWHERE) == key for one in still_open)


def _in_order(still_open: list[UUID], found: banding.Outlook) -> list[UUID]:
    """By their place where readings are enough; else as they came."""
    if not found.is_enough:
        return still_open
    place = {key: n for n, key in enumerate(found.order)}
    return sorted(still_open, key=lambda key: place.get(key, len(place)))


def _rows(
    request: HttpRequest,
    keys: list[UUID],
    found: banding.Outlook,
    ticked: set[UUID],
) -> list[BandRow]:
    people = Application.objects.visible_to(request.user).in_bulk(keys)
    stands = {
        one.application_id: one
        for one in Placement.objects.visible_to(request.user).filter(
            application__in=keys
        )
    }
    rows = []
    for key in keys:
        if key not in people:
            continue
        stand = stands.get(key)
        rows.append(
            BandRow(
                key=key,
                code=people[key].code,
                called=people[key].called,
                band=stand.band if stand else "",
                reason=stand.reason if stand else "",
                ticket=f"{key}:{stand.edition if stand else 0}",
                proposal=found.proposals.get(key) if found.is_enough else None,
                is_ticked=key in ticked,
            )
        )
    return rows


@lead_call_page
def band_history(
    request: HttpRequest, intake: Intake, application_id: UUID
) -> HttpResponse:
    """Every move of one application between the bands, with its reason."""
    application = get_object_or_404(
        Application.objects.visible_to(request.user), intake=intake, pk=application_id
    )
    moves = (
        BandMove.objects.visible_to(request.user)
        .filter(application=application)
        .select_related("moved_by")
        .order_by("moved_at", "pk")
    )
    return render(
        request,
        "cohorts/band_history.html",
        {"intake": intake, "application": application, "moves": moves},
    )


@lead_call_page
def band_follow(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Put those in no band where the readings propose, after a look, with a reason."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        n = banding.follow(
            intake,
            reason=form.cleaned_data["reason"],
            by=person_of(request),
            now=timezone.now(),
        )
        messages.success(
            request,
            ngettext(
                "%(n)s application moved. Nobody is told.",
                "%(n)s applications moved. Nobody is told.",
                n,
            )
            % {"n": n},
        )
        return redirect("cohorts:band_list", intake.slug)
    found = banding.outlook(intake, by=person_of(request))
    placed = set(
        Placement.objects.visible_to(request.user)
        .filter(intake=intake)
        .values_list("application", flat=True)
    )
    moving = [p.band for key, p in found.proposals.items() if key not in placed]
    return render(
        request,
        "cohorts/band_follow.html",
        {
            "intake": intake,
            "form": form,
            "outlook": found,
            "counts": [(label, moving.count(band)) for band, label in Band.choices],
        },
        status=422 if form.is_bound else 200,
    )


@lead_call_page
def band_pending(request: HttpRequest, intake: Intake, band: str) -> HttpResponse:
    """Make what a band means a pending decision: an offer, or a refusal."""
    if band not in (Band.ACCEPT, Band.DECLINE):
        return redirect("cohorts:band_list", intake.slug)
    declining = band == Band.DECLINE
    form = DeclineForm(request.POST or None) if declining else None
    person = person_of(request)
    if request.method == "POST" and (form is None or form.is_valid()):
        n = banding.set_pending(
            intake,
            band=band,
            reasons=form.cleaned_data["reasons"] if form else "",
            by=person,
            now=timezone.now(),
        )
        messages.success(
            request,
            ngettext(
                "%(n)s decision is set. Nobody is told yet.",
                "%(n)s decisions are set. Nobody is told yet.",
                n,
            )
            % {"n": n},
        )
        return redirect("cohorts:decision_letters", intake.slug)
    return render(
        request,
        "cohorts/band_pending.html",
        {
            "intake": intake,
            "form": form,
            "declining": declining,
            "n": len(banding.undecided(intake, band, by=person)),
        },
        status=422 if form is not None and form.is_bound else 200,
    )


# --- The lottery ----------------------------------------------------------------------


@require_POST
@lead_call_page
def lottery_prepare(request: HttpRequest, intake: Intake) -> HttpResponse:
    lottery = drawing.prepare(intake, by=person_of(request), now=timezone.now())
    if lottery.state == State.PREPARING:
        if drawing.is_quick(lottery):
            drawing.solve(lottery.pk)
        else:
            transaction.on_commit(lambda: knock(prepare_lottery, str(lottery.pk)))
    return redirect("cohorts:lottery_show", intake.slug, lottery.pk)


def _lottery_or_404(request: HttpRequest, intake: Intake, lottery_id: UUID) -> Lottery:
    lottery = get_object_or_404(
        Lottery.objects.visible_to(request.user)
        .select_related("record")
        .defer("mixture", "record__text"),
        intake=intake,
        pk=lottery_id,
    )
    lottery.intake = intake
    return lottery


@lead_call_page
def lottery_show(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """What was found: chances, quotas, or what clashes; and the next step from here."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    return _lottery_page(request, intake, lottery, ValueForm())


def _lottery_page(
    request: HttpRequest,
    intake: Intake,
    lottery: Lottery,
    form: ValueForm,
    give_up: GiveUpForm | None = None,
) -> HttpResponse:
    now = timezone.now()
    facts = lottery.facts
    context: dict[str, Any] = {
        "intake": intake,
        "lottery": lottery,
        "record": lottery.record,
        "facts": facts,
        "is_running": lottery.state == State.PREPARING,
        "form": form,
    }
    if lottery.state in (State.PREPARED, State.CLASHING):
        gathering = drawing.gather(intake)
        context["has_moved_on"] = drawing.has_moved_on(lottery, gathering)
        context["hindrances"] = gathering.hindrances
    if lottery.state == State.CLASHING:
        context["clash"] = [_asked(one) for one in facts.get("clash", ())]
        context["easings"] = [_eased(one) for one in facts.get("easings", ())]
    if facts.get("kinds"):
        context["smallest"] = drawing.in_a_hundred(facts["smallest"])
        context["kinds"], context["small"] = kinds_in_words(facts)
        context["kept"] = [_kept(one) for one in facts["quotas"]]
    if lottery.state == State.COMMITTED and lottery.record is not None:
        person = person_of(request)
        context["has_spoken"] = now >= lottery.record.speaks_at
        context["typing"] = drawing.typing_of(lottery, by=person)
        context["alone"] = not drawing.other_leads(lottery, than=person)
        context["asked"] = drawing.giving_up_of(lottery, by=person)
        context["give_up_form"] = give_up or GiveUpForm()
    return render(
        request,
        "cohorts/lottery_show.html" + ("#progress" if request.htmx else ""),  # type: ignore[attr-defined]
        context,
        status=422 if form.is_bound or give_up else 200,
    )


def kinds_in_words(
    facts: dict[str, Any],
) -> tuple[list[tuple[str, int, Decimal]], dict[str, Any] | None]:
    """Kinds of people by the quotas that count them; those of few people together.

    Of a kind with one or two people, its words would tell what these people said.
    """
    names = [quotas.named(q["trait"], q["value"]) for q in facts["quotas"]]
    large = sorted(
        (k for k in facts["kinds"] if k["people"] >= SMALLEST_KIND),
        key=lambda kind: (-kind["people"], kind["in"]),
    )[:MOST_KINDS]
    shown = [
        (
            _("counted by %(quotas)s")
            % {"quotas": get_text_list([names[n] for n in kind["in"]], _("and"))}
            if kind["in"]
            else _("counted by no quota"),
            kind["people"],
            drawing.in_a_hundred(kind["chance"]),
        )
        for kind in large
    ]
    rest = [kind for kind in facts["kinds"] if kind not in large]
    if not rest:
        return shown, None
    chances = [Decimal(kind["chance"]) for kind in rest]
    return shown, {
        "kinds": len(rest),
        "people": sum(kind["people"] for kind in rest),
        "least": drawing.in_a_hundred(min(chances)),
        "most": drawing.in_a_hundred(max(chances)),
    }


def _asked(one: dict[str, Any]) -> str:
    """A quota that clashes, as a sentence."""
    said = {
        "quota": quotas.named(one["trait"], one["value"]),
        "bounds": quotas.bounds(one["least"], one["most"], seats=one["of"]),
        "n": one["counted"],
    }
    if one["counted"]:
        return (
            ngettext(
                "“%(quota)s” asks for %(bounds)s; %(n)s of them is given already.",
                "“%(quota)s” asks for %(bounds)s; %(n)s of them are given already.",
                one["counted"],
            )
            % said
        )
    return _("“%(quota)s” asks for %(bounds)s.") % said


def _eased(one: dict[str, Any]) -> str:
    """A quota that would give, as a sentence."""
    seats = one["of"]
    return _("“%(quota)s”: %(becomes)s in place of %(was)s.") % {
        "quota": quotas.named(one["trait"], one["value"]),
        "was": quotas.bounds(one["least"], one["most"], seats=seats),
        "becomes": quotas.bounds(
            one["becomes_least"], one["becomes_most"], seats=seats
        ),
    }


def _kept(one: dict[str, Any]) -> tuple[str, str, int, int]:
    return (
        quotas.named(one["trait"], one["value"]),
        quotas.bounds(one["least"], one["most"], seats=one["of"]),
        one["fewest"],
        one["largest"],
    )


@lead_call_page
def lottery_ease(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """Let the quotas give as little as can be, with a reason that everyone may read."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    back = redirect("cohorts:lottery_show", intake.slug, lottery.pk)
    easings = lottery.facts.get("easings", ())
    if lottery.state != State.CLASHING or not easings:
        return back
    form = EaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        quotas.ease(
            intake,
            [
                quotas.Easing(
                    quota=UUID(one["quota"]),
                    least=one["becomes_least"],
                    most=one["becomes_most"],
                )
                for one in easings
            ],
            reason=form.cleaned_data["reason"],
            by=person_of(request),
            now=timezone.now(),
        )
        messages.success(
            request, _("The quotas gave. The lottery can be prepared again.")
        )
        return redirect("cohorts:selection_home", intake.slug)
    return render(
        request,
        "cohorts/lottery_ease.html",
        {
            "intake": intake,
            "lottery": lottery,
            "form": form,
            "easings": [_eased(one) for one in easings],
        },
        status=422 if form.is_bound else 200,
    )


@lead_call_page
def lottery_set_aside(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    lottery = _lottery_or_404(request, intake, lottery_id)
    if request.method == "POST":
        drawing.set_aside(lottery, by=person_of(request))
        messages.success(request, _("The lottery is set aside."))
        return redirect("cohorts:selection_home", intake.slug)
    return render(
        request,
        "components/confirm.html",
        {
            "question": _("Set this lottery aside?"),
            "consequence": _("Nothing of it was published. It can be prepared again."),
            "action": _("Set it aside"),
            "back": reverse("cohorts:lottery_show", args=[intake.slug, lottery.pk]),
        },
    )


@lead_call_page
def lottery_commit(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """Publish the record and its fingerprint; from then on nothing changes."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    if lottery.state != State.PREPARED and request.method != "POST":
        return redirect("cohorts:lottery_show", intake.slug, lottery.pk)
    source = quotas.source_of(intake)
    form = CommitForm(
        request.POST or None,
        current=lottery,
        zone=intake.timezone,
        initial={"source": source.words if source else ""},
    )
    if request.method == "POST" and (lottery.is_fixed or form.is_valid()):
        if not lottery.is_fixed:
            drawing.commit(
                lottery,
                source=form.cleaned_data["source"],
                speaks_at=form.speaks_at,
                by=person_of(request),
                edition=form.cleaned_data["edition"],
                now=timezone.now(),
            )
        messages.success(request, _("It is published. Nothing of it changes any more."))
        return redirect("cohorts:lottery_show", intake.slug, lottery.pk)
    return render(
        request,
        "cohorts/lottery_commit.html",
        {"intake": intake, "lottery": lottery, "form": form},
        status=422 if form.is_bound else 200,
    )


@require_POST
@lead_call_page
def lottery_value(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """Type what the source spoke; the second lead who types the same draws."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    form = ValueForm(request.POST)
    if not form.is_valid():
        return _lottery_page(request, intake, lottery, form)
    after = drawing.type_value(
        lottery,
        value=form.cleaned_data["value"],
        by=person_of(request),
        now=timezone.now(),
    )
    messages.success(
        request,
        _("Drawn. The letters wait for you to read them.")
        if after.state == State.DRAWN
        else _("Kept. A second lead has to type the same."),
    )
    return redirect("cohorts:lottery_show", intake.slug, lottery.pk)


@require_POST
@lead_call_page
def lottery_value_back(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """What I typed was not it."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    drawing.take_back_value(lottery, by=person_of(request))
    messages.success(request, _("Taken back."))
    return redirect("cohorts:lottery_show", intake.slug, lottery.pk)


@require_POST
@lead_call_page
def lottery_give_up(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """Ask to give up a published draw, agree with who asked, or go on after all."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    person = person_of(request)
    back = redirect("cohorts:lottery_show", intake.slug, lottery.pk)
    match request.POST.get("act"):
        case "go_on":
            drawing.go_on(lottery, by=person)
            messages.success(request, _("The draw goes on as it was published."))
            return back
        case "agree":
            reason = ""
        case _:
            form = GiveUpForm(request.POST)
            if not form.is_valid():
                return _lottery_page(request, intake, lottery, ValueForm(), form)
            reason = form.cleaned_data["reason"]
    after = drawing.give_up(lottery, reason=reason, by=person, now=timezone.now())
    messages.success(
        request,
        _("Asked. A second lead has to agree.")
        if after.state == State.COMMITTED
        else _(
            "The draw is given up, and everybody reads why. The chances stand: publish "
            "them anew with another source, or set them aside."
        ),
    )
    return back


@lead_call_page
def lottery_order(
    request: HttpRequest, intake: Intake, lottery_id: UUID
) -> HttpResponse:
    """Who was drawn, and who waits in which order: for the leads, by name."""
    lottery = _lottery_or_404(request, intake, lottery_id)
    if lottery.state != State.DRAWN:
        return redirect("cohorts:lottery_show", intake.slug, lottery.pk)
    tickets = (
        Ticket.objects.visible_to(request.user)
        .filter(lottery=lottery)
        .select_related("application")
        .order_by("-is_drawn", "place", "application__called", "pk")
    )
    return render(
        request,
        "cohorts/lottery_order.html",
        {
            "intake": intake,
            "lottery": lottery,
            "page": Paginator(tickets, PAGE_SIZE).get_page(request.GET.get("page")),
        },
    )


@require_POST
@lead_call_page
def next_offer(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Offer a free seat to the next in line; the letter is read before it leaves."""
    standing = get_object_or_404(
        Standing.objects.visible_to(request.user),
        intake=intake,
        application=_uuid(request.POST.get("application", "")),
    )
    one = promoting.promote(
        intake, standing.application_id, by=person_of(request), now=timezone.now()
    )
    messages.success(
        request,
        _("An offer to %(name)s is set. Read the letter, then send it.")
        % {"name": one.called},
    )
    return redirect("cohorts:decision_letters", intake.slug)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
