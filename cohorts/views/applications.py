"""The applications of a call, for its leads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from html import escape
from typing import Any
from uuid import UUID

from babel.dates import format_date
from django.conf import settings
from django.contrib import messages
from django.db.models import (
    Count,
    F,
    Q,
    QuerySet,
)
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from cohorts import calls, deciding, forgetting, handing_out, reviewing, verdicts
from cohorts.access import lead_call_page
from cohorts.forms.decisions import (
    AddressForm,
    AskReviewerForm,
    DecideForm,
    ReplyForm,
    WordsForm,
)
from cohorts.keyset import page as page_of
from cohorts.models import (
    SCORE_OR_NOTHING,
    Answer,
    AnswerFile,
    Application,
    Appointment,
    BlindCopy,
    Intake,
    Review,
    Score,
    Standing,
    TraitAnswer,
)
from cohorts.views.calls import person_of
from people.clock import babel_locale
from people.models import User
from people.prepared import prepared, the_one
from people.refusal import Refused
from people.week import days_of

PAGE_SIZE = 50
Outcome, Reply, State = Application.Outcome, Application.Reply, Application.State

SORTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "newest": (gettext_lazy("newest first"), ("-submitted_at", "-application_id")),
    "oldest": (gettext_lazy("oldest first"), ("submitted_at", "application_id")),
    "name": (gettext_lazy("by name"), ("lower_called", "application_id")),
    "score": (gettext_lazy("highest score first"), ("-rank", "-application_id")),
    "least_read": (
        gettext_lazy("fewest readings first"),
        ("readings", "application_id"),
    ),
}
STATES: dict[str, Any] = {
    "": gettext_lazy("all in the call"),
    "undecided": gettext_lazy("not decided"),
    "pending": gettext_lazy("decision pending"),
    "offered": gettext_lazy("seat offered"),
    "accepted": gettext_lazy("seat taken"),
    "refused": gettext_lazy("seat refused"),
    "waitlisted": gettext_lazy("waiting list"),
    "declined": gettext_lazy("declined"),
    "withdrawn": gettext_lazy("withdrawn"),
}


# --- The list -------------------------------------------------------------------


# What the list shows of each; one row of a standing and its application together.
COLUMNS = {
    name: F(f"application__{name}")
    for name in (
        "code",
        "called",
        "organisation",
        "submitted_at",
        "state",
        "outcome",
        "reply",
    )
}


OF_STANDING = (
    "readings",
    "score",
    "corrected",
    "surely_from",
    "surely_to",
    "pending",
    "edition",
)


def standings(request: HttpRequest, intake: Intake) -> QuerySet[Standing]:
    """How the applications of the call stand: what a lead may read of them."""
    # By one of two keys that are always the same: asked for both, PostgreSQL believes
    # that hardly any has them, and sorts the whole call instead of reading one page.
    by_standing = request.GET.get("sort") in ("score", "least_read")
    of = {"intake" if by_standing else "application__intake": intake}
    return Standing.objects.visible_to(request.user).filter(**of)


def chosen(request: HttpRequest, intake: Intake) -> QuerySet[Standing]:
    """Those that the search and the filter of the address ask for."""
    state = request.GET.get("state", "")
    of: dict[str, Any] = {"state": State.SUBMITTED}
    rows = standings(request, intake)
    match state:
        case "withdrawn":
            of = {"state": State.WITHDRAWN}
        case "undecided":
            of |= {"outcome": Outcome.NONE}
            rows = rows.filter(pending="")
        case "pending":
            rows = rows.exclude(pending="")
        case "accepted" | "refused":
            of |= {"reply": state}
        case "offered":
            of |= {"outcome": Outcome.OFFERED, "reply": Reply.NONE}
        case "waitlisted" | "declined":
            of |= {"outcome": state}
    rows = rows.filter(**{f"application__{name}": value for name, value in of.items()})
    for word in request.GET.get("q", "")[:200].split()[:6]:
        rows = rows.filter(
            Q(application__called__icontains=word)
            | Q(application__organisation__icontains=word)
            | Q(application__email__icontains=word)
            | Q(application__code__iexact=word)
        )
    return rows


def sorted_for(
    rows: QuerySet[Standing], request: HttpRequest
) -> tuple[QuerySet[Standing], tuple[str, ...]]:
    sort = request.GET.get("sort", "")
    if sort == "name":
        rows = rows.annotate(lower_called=Lower("application__called"))
    if sort == "score":
        rows = rows.annotate(rank=SCORE_OR_NOTHING)
    return rows, SORTS.get(sort, SORTS["newest"])[1]


# One row of the list. Written here and not in the template: fifty times twelve
# template variables would cost more than all the rest of the page.
ROW = """<tr>\
<td><input type="checkbox" name="ticked" value="{}:{}" aria-label="{}"{}></td>\
<th scope="row"><a href="{}"><bdi>{}</bdi></a> <span class="muted small">{}</span></th>\
<td><bdi>{}</bdi></td><td class="nowrap">{}</td><td>{}</td><td>{}</td>\
<td><span class="tag {}">{}</span></td></tr>"""


@lead_call_page
def application_list(request: HttpRequest, intake: Intake) -> HttpResponse:
    return render(
        request, "cohorts/application_list.html", listed(request, intake, DecideForm())
    )


def listed(
    request: HttpRequest,
    intake: Intake,
    form: DecideForm,
    ticked: Collection[UUID] = (),
    overlaps: Iterable[deciding.Overlap] = (),
) -> dict[str, Any]:
    rows, keys = sorted_for(chosen(request, intake), request)
    extra = [key.lstrip("-") for key in keys if key.lstrip("-") not in COLUMNS]
    found = page_of(
        rows.values("application_id", *OF_STANDING, *extra, **COLUMNS),
        keys=keys,
        size=PAGE_SIZE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        values=lambda row: [row[key.lstrip("-")] for key in keys],
        beginning=None
        if {"q", "state", "sort"} & request.GET.keys()
        else lambda: _newest(request.user, intake),
    )
    # What was ticked stays in sight, even if the search does not find it any more.
    here = {row["application_id"] for row in found.rows}
    elsewhere = [key for key in ticked if key not in here]
    also = (
        standings(request, intake)
        .filter(application__in=elsewhere)
        .values("application_id", *OF_STANDING, **COLUMNS)
        .order_by(*SORTS["newest"][1])
        if elsewhere
        else ()
    )
    counts = counted(request, intake)
    as_given = request.GET.get("scores") == "given"
    return {
        "intake": intake,
        "lines": mark_safe(
            "\n".join(lines_of(intake, [*also, *found.rows], ticked, as_given=as_given))
        ),
        "overlaps": overlaps,
        "as_given": as_given,
        "other_scores": _other_scores(request, as_given=as_given),
        "page": found,
        "counts": counts,
        "shown": counts.get(request.GET.get("state", ""), 0),
        "is_searched": bool(request.GET.get("q")),
        "q": request.GET.get("q", "")[:200],
        "state": request.GET.get("state", ""),
        "sort": request.GET.get("sort", "newest"),
        "states": [(key, label, counts[key]) for key, label in STATES.items()],
        "sorts": [(key, label) for key, (label, _keys) in SORTS.items()],
        "address": _address(request),
        "form": form,
        "is_forgotten": forgetting.is_over(intake, now=timezone.now()),
    }


def _address(request: HttpRequest) -> str:
    """What pages of the list have in common: the search without the place in it."""
    kept = request.GET.copy()
    for name in ("after", "before"):
        kept.pop(name, None)
    return kept.urlencode()


def _other_scores(request: HttpRequest, *, as_given: bool) -> str:
    """The same page of the list with the other scores."""
    asked = request.GET.copy()
    asked.pop("scores", None)
    if not as_given:
        asked["scores"] = "given"
    return asked.urlencode()


def lines_of(
    intake: Intake, rows: Any, ticked: Collection[UUID], *, as_given: bool = False
) -> Iterator[str]:
    """The rows as HTML. Whatever a person typed goes through `escape`."""
    # One address for all and one format for each day: this page is read a lot.
    base = reverse("cohorts:application_list", args=[intake.slug])
    zone = timezone.get_current_timezone()
    days: dict[date, str] = {}
    words = {
        key: (escape(word), tone) for key, (word, tone) in words_of_states().items()
    }
    score = _as_given if as_given else _without_severity()
    for row in rows:
        day = row["submitted_at"].astimezone(zone).date()
        if day not in days:
            days[day] = escape(short_day(day))
        tag, tone = words[tag_of(row, row["pending"])]
        key = row["application_id"]
        called = escape(row["called"])
        yield ROW.format(
            key,
            row["edition"],
            called,
            " checked" if key in ticked else "",
            f"{base}{key}/",
            called,
            row["code"],
            escape(row["organisation"]),
            days[day],
            row["readings"],
            score(row),
            tone,
            tag,
        )


def _as_given(row: dict[str, Any]) -> str:
    return "–" if row["score"] is None else f"{row['score']:.2f}"


def _without_severity() -> Callable[[dict[str, Any]], str]:
    """The score without the severity of whoever read it, and where it surely lies."""
    soon = f'<span class="muted small">{escape(_("soon"))}</span>'

    def shown(row: dict[str, Any]) -> str:
        if row["score"] is None:
            return "–"
        if row["corrected"] is None:
            return soon
        return (
            f'{row["corrected"]:.2f} <bdi class="muted small nowrap">'
            f"{row['surely_from']:.2f}–{row['surely_to']:.2f}</bdi>"
        )

    return shown


def short_day(day: date) -> str:
    """ "12 Nov": for tables, where the whole moment has no room."""
    language = (translation.get_language() or "en").split("-")[0]
    pattern = "d MMM" if day.year == timezone.now().year else "d MMM y"
    return format_date(day, pattern, locale=babel_locale(language))


def tag_of(row: dict[str, Any], pending: str) -> str:
    if row["state"] == State.WITHDRAWN:
        return "withdrawn"
    if pending:
        return f"pending_{pending}"
    return row["reply"] or row["outcome"] or "undecided"


def words_of_states() -> dict[str, tuple[str, str]]:
    """The word and the tone of each way an application can stand."""
    return {
        "undecided": (_("not decided"), ""),
        "withdrawn": (_("withdrawn"), ""),
        "pending_offered": (_("seat, not told yet"), "wait"),
        "pending_waitlisted": (_("waiting list, not told yet"), "wait"),
        "pending_declined": (_("declined, not told yet"), "wait"),
        "offered": (_("seat offered"), "here"),
        "waitlisted": (_("waiting list"), "here"),
        "declined": (_("declined"), ""),
        "accepted": (_("seat taken"), "good"),
        "refused": (_("seat refused"), ""),
        "lapsed": (_("no reply in time"), ""),
    }


def counted(request: HttpRequest, intake: Intake) -> dict[str, int]:
    """How many stand where: one pass over the call."""
    numbers = dict.fromkeys(STATES, 0)
    for state, outcome, reply, n in _counts(request.user, intake):
        if state == State.WITHDRAWN:
            numbers["withdrawn"] += n
            continue
        numbers[""] += n
        where = reply or outcome or "undecided"
        numbers[where] = numbers.get(where, 0) + n
    for outcome, n in _pending_counts(request.user, intake):
        numbers["pending"] += n
        if outcome == Outcome.NONE:
            numbers["undecided"] -= n
    return numbers


@prepared
def _newest(viewer: Any, intake: Intake) -> QuerySet[Any, Any]:
    """What the list shows to whoever opens it and has searched for nothing yet."""
    return (
        Standing.objects.visible_to(viewer)
        .filter(application__intake=intake, application__state=State.SUBMITTED)
        .values("application_id", *OF_STANDING, **COLUMNS)
        .order_by(*SORTS["newest"][1])[: PAGE_SIZE + 1]
    )


@prepared
def _counts(viewer: Any, intake: Intake) -> QuerySet[Any, Any]:
    return (
        Application.objects.visible_to(viewer)
        .filter(intake=intake)
        .values_list("state", "outcome", "reply")
        .annotate(n=Count("*"))
    )


@prepared
def _pending_counts(viewer: Any, intake: Intake) -> QuerySet[Any, Any]:
    return (
        Standing.objects.visible_to(viewer)
        .filter(intake=intake, application__state=State.SUBMITTED)
        .exclude(pending="")
        .values_list("application__outcome")
        .annotate(n=Count("*"))
    )


# --- Several at once ------------------------------------------------------------


@require_POST
@lead_call_page
def application_decide(request: HttpRequest, intake: Intake) -> HttpResponse:
    """The ticked ones of the list get the same pending decision."""
    seen = ticked_in(request)
    now = timezone.now()
    if not seen:
        raise Refused(_("Tick at least one application first."))
    if request.POST.get("act") == "took_seat":
        n = deciding.note_replies(intake, seen, by=person_of(request), now=now)
        said = ngettext(
            "%(n)s seat taken is written down.",
            "%(n)s seats taken are written down.",
            n,
        )
    else:
        form = DecideForm(request.POST)
        if not form.is_valid():
            return render(
                request,
                "cohorts/application_list.html",
                listed(request, intake, form, ticked=seen),
                status=422,
            )
        try:
            n = deciding.decide(
                intake,
                seen,
                outcome=form.chosen,
                reasons=form.cleaned_data["reasons"],
                seen=seen,
                by=person_of(request),
                now=now,
            )
        except deciding.Overtaken as overtaken:
            form.add_error(None, str(overtaken.sentence))
            return render(
                request,
                "cohorts/application_list.html",
                listed(
                    request,
                    intake,
                    form,
                    ticked=seen,
                    overlaps=overtaken.overlaps,
                ),
                status=422,
            )
        said = ngettext(
            "%(n)s decision is set. Nobody is told yet.",
            "%(n)s decisions are set. Nobody is told yet.",
            n,
        )
    messages.success(request, said % {"n": n})
    where = redirect("cohorts:application_list", intake.slug)
    if _address(request):
        where["Location"] += f"?{_address(request)}"
    return where


def ticked_in(request: HttpRequest) -> dict[UUID, int]:
    """The ticked ones of a list, each with the edition on that page."""
    seen: dict[UUID, int] = {}
    for value in request.POST.getlist("ticked")[:1000]:
        text, _colon, edition = value.partition(":")
        key = _uuid(text)
        if key and edition.isascii() and edition.isdigit() and len(edition) < 9:
            seen[key] = int(edition)
    return seen


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@lead_call_page
def decision_letters(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Every letter as it will leave; sent together, or none."""
    person = person_of(request)
    if request.method == "POST":
        n = deciding.release(
            intake, by=person, seen=request.POST.get("seen", ""), now=timezone.now()
        )
        messages.success(
            request,
            ngettext("%(n)s person is told.", "%(n)s people are told.", n) % {"n": n},
        )
        return redirect("cohorts:application_list", intake.slug)
    waiting = deciding.pending(intake, by=person)
    letters = [
        deciding.letter(standing, intake, site=settings.SITE_URL)
        for standing in waiting
    ]
    names = dict(Outcome.choices)
    groups: dict[str, list[deciding.Letter]] = {}
    for letter in letters:
        groups.setdefault(letter.outcome, []).append(letter)
    return render(
        request,
        "cohorts/decision_letters.html",
        {
            "intake": intake,
            "groups": [(names[outcome], found) for outcome, found in groups.items()],
            "without_address": [one for one in letters if not one.has_address],
            "n": len(letters),
            "strays": deciding.strays(intake, by=person),
            "own": [names[o] for o in deciding.TOLD if intake.words_of(o)],
            "seen": deciding.seal_of(intake, waiting),
        },
    )


@require_POST
@lead_call_page
def decision_stray(request: HttpRequest, intake: Intake) -> HttpResponse:
    """A letter that may not have arrived: send it again, or let it be."""
    message = _uuid(request.POST.get("message", ""))
    again = request.POST.get("act") == "again"
    if message is None:
        raise Http404
    if deciding.settle_stray(
        intake, message, again=again, by=person_of(request), now=timezone.now()
    ):
        said = _("It leaves once more.") if again else _("Laid aside.")
        messages.success(request, said)
    return redirect("cohorts:decision_letters", intake.slug)


@lead_call_page
def decision_words(request: HttpRequest, intake: Intake) -> HttpResponse:
    """The program's own words for each answer, in place of the house's."""
    form = WordsForm(request.POST or None, current=intake)
    if request.method == "POST" and form.is_valid():
        words = {n: v for n, v in form.cleaned_data.items() if n != "edition"}
        calls.change(intake, by=person_of(request), **words)
        messages.success(request, _("Saved. Look through the letters once more."))
        return redirect("cohorts:decision_letters", intake.slug)
    status = 422 if form.is_bound else 200
    return render(
        request,
        "cohorts/decision_words.html",
        {"form": form, "intake": intake},
        status=status,
    )


# --- One application ------------------------------------------------------------


def standing_or_404(
    request: HttpRequest, intake: Intake, application_id: UUID
) -> Standing:
    stand = the_one(_standing_of(request.user, intake, application_id))
    if stand is None:
        raise Http404
    return stand


@prepared
def _standing_of(viewer: Any, intake: Intake, key: UUID) -> QuerySet[Standing]:
    return (
        Standing.objects.visible_to(viewer)
        .filter(intake=intake, application=key, application__intake=intake)
        .select_related("application")
    )


@prepared
def _answers_of(viewer: Any, application: Application) -> QuerySet[Answer]:
    return (
        Answer.objects.visible_to(viewer)
        .filter(application=application)
        .select_related("question")
        .order_by("question__position", "question")
    )


@prepared
def _traits_of(viewer: Any, application: Application) -> QuerySet[TraitAnswer]:
    return (
        TraitAnswer.objects.visible_to(viewer)
        .filter(application=application)
        .select_related("trait")
        .order_by("trait__position", "value")
    )


def elsewhere_of(viewer: Any, application: Application) -> list[tuple[Any, str, str]]:
    """Other calls that the same person applied to, as far as `viewer` leads those."""
    if not application.email and application.applicant_id is None:
        return []
    words = words_of_states()
    return [
        (one.intake, *words[tag_of(_state_of(one), "")])
        for one in _elsewhere(
            viewer, application.intake_id, application.email, application.applicant_id
        )
    ]


@prepared
def _elsewhere(
    viewer: Any, intake: UUID, email: str, person: UUID | None
) -> QuerySet[Application]:
    same = Q(pk__in=())
    if email:
        same |= Q(email__iexact=email)
    if person is not None:
        same |= Q(applicant=person)
    return (
        Application.objects.visible_to(viewer)
        .filter(same)
        .exclude(intake=intake)
        .select_related("intake")
        .order_by("-submitted_at", "pk")[:10]
    )


def _state_of(application: Application) -> dict[str, Any]:
    return {
        "state": application.state,
        "reply": application.reply,
        "outcome": application.outcome,
    }


@prepared
def _reviews_of(viewer: Any, application: Application) -> QuerySet[Review]:
    return (
        Review.objects.visible_to(viewer)
        .filter(copy__application=application)
        .select_related("reviewer")
        .order_by("changed_at", "pk")
    )


@prepared
def _scores_of(viewer: Any, reviews: list[Review]) -> QuerySet[Score]:
    return (
        Score.objects.visible_to(viewer)
        .filter(review__in=reviews)
        .select_related("criterion")
        .order_by("criterion__position")
    )


@lead_call_page
def application_show(
    request: HttpRequest, intake: Intake, application_id: UUID
) -> HttpResponse:
    stand = standing_or_404(request, intake, application_id)
    form = DecideForm(
        initial={
            "edition": stand.edition,
            "outcome": stand.pending or None,
            "reasons": stand.reasons,
        }
    )
    return render(
        request, "cohorts/application_show.html", shown(request, intake, stand, form)
    )


def shown(
    request: HttpRequest, intake: Intake, stand: Standing, form: DecideForm
) -> dict[str, Any]:
    viewer = request.user
    application = stand.application
    tag, tone = words_of_states()[tag_of(_state_of(application), stand.pending)]
    return {
        "intake": intake,
        "application": application,
        "stand": stand,
        "tag": tag,
        "tone": tone,
        "answers": _answers_of(viewer, application),
        "files": AnswerFile.objects.visible_to(viewer)
        .filter(application=application)
        .select_related("question")
        .order_by("question__position"),
        "traits": _traits_of(viewer, application),
        "elsewhere": elsewhere_of(viewer, application),
        "week": [day for day in days_of(application.availability) if day.spans],
        "reviews": readings_of(request, application),
        "form": form,
        "may_decide": application.is_open
        and application.outcome in (Outcome.NONE, Outcome.WAITLISTED),
        "reply_form": ReplyForm() if application.awaits_reply else None,
        "address_form": None
        if application.applicant_id
        else AddressForm(initial={"email": application.email}),
        "ask_form": AskReviewerForm(reviewers=reviewers_of(intake))
        if "ask" in request.GET and application.is_open
        else None,
    }


def readings_of(
    request: HttpRequest, application: Application
) -> list[tuple[Review, list[Score]]]:
    reviews = _reviews_of(request.user, application)
    done = [review for review in reviews if review.state == Review.State.DONE]
    scores: dict[Any, list[Score]] = {}
    if done:
        for score in _scores_of(request.user, done):
            scores.setdefault(score.review_id, []).append(score)
    return [(review, scores.get(review.pk, [])) for review in reviews]


def reviewers_of(intake: Intake) -> QuerySet[User]:
    serving = Appointment.objects.active().filter(
        program=intake.program_id,
        role__in=(Appointment.Role.REVIEWER, Appointment.Role.LEAD),
    )
    return User.objects.filter(pk__in=serving.values("person")).order_by("called", "pk")


@require_POST
@lead_call_page
def application_act(
    request: HttpRequest, intake: Intake, application_id: UUID
) -> HttpResponse:
    """Decide on one, note a reply, add an address, or ask a reviewer to read it."""
    application = get_object_or_404(
        Application.objects.visible_to(request.user).select_related("program"),
        intake=intake,
        pk=application_id,
    )
    person, now = person_of(request), timezone.now()
    form: Any
    match request.POST.get("act"):
        case "reply":
            form = ReplyForm(request.POST)
            if form.is_valid():
                deciding.note_reply(
                    application,
                    accepted=form.cleaned_data["accepted"],
                    by=person,
                    now=now,
                )
        case "address":
            form = AddressForm(request.POST)
            if form.is_valid():
                deciding.add_address(
                    application, email=form.cleaned_data["email"], by=person
                )
        case "ask":
            form = AskReviewerForm(request.POST, reviewers=reviewers_of(intake))
            if form.is_valid():
                copy = get_object_or_404(
                    BlindCopy.objects.visible_to(person).select_related(
                        "intake__program", "program"
                    ),
                    application=application,
                )
                reviewer = form.cleaned_data["reviewer"]
                if kinds := handing_out.between(copy, reviewer, by=person):
                    raise Refused(
                        _(
                            "A conflict stands between %(name)s and this application: "
                            "%(why)s. If it may be read all the same, overrule it "
                            "first, where conflicts are listed."
                        )
                        % {"name": reviewer.name, "why": verdicts.conflicts(kinds)}
                    )
                reviewing.assign(copy, to=reviewer, by=person, now=now)
        case _:
            form = DecideForm(request.POST)
            if form.is_valid():
                deciding.decide(
                    intake,
                    [application.pk],
                    outcome=form.chosen,
                    reasons=form.cleaned_data["reasons"],
                    edition=form.cleaned_data["edition"],
                    by=person,
                    now=now,
                )
    if not form.is_valid():
        context = shown(
            request,
            intake,
            standing_or_404(request, intake, application_id),
            form if isinstance(form, DecideForm) else DecideForm(),
        )
        for name, kind in (
            ("reply_form", ReplyForm),
            ("address_form", AddressForm),
            ("ask_form", AskReviewerForm),
        ):
            if isinstance(form, kind):
                context[name] = form
        context["faulty"] = form
        return render(request, "cohorts/application_show.html", context, status=422)
    messages.success(request, _("Saved."))
    return redirect("cohorts:application_show", intake.slug, application.pk)
