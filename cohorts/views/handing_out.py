"""Who reads what: looked at, confirmed, undone; what each can take; who may not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cohorts import handing_out, redacting, verdicts
from cohorts.access import lead_call_page, reviewer_call_page
from cohorts.forms.reading import OverruleForm, RedactForm, TermsForm
from cohorts.models import (
    Appointment,
    BlindCopy,
    Intake,
    Permit,
    ReadingTerms,
    Review,
)
from cohorts.views.calls import person_of
from cohorts.views.reviews import texts_of
from people.models import User

CONFLICTS_SHOWN = 50
WIDE = 100


@lead_call_page
def review_assign(request: HttpRequest, intake: Intake) -> HttpResponse:
    """The whole assignment before it is confirmed."""
    person = person_of(request)
    if request.method == "POST":
        handout = handing_out.hand_out(
            intake,
            by=person,
            seed=_seed(request.POST.get("seed")),
            seen=request.POST.get("seen", ""),
            now=timezone.now(),
        )
        messages.success(
            request,
            ngettext(
                "%(n)s reading is handed out.",
                "%(n)s readings are handed out.",
                handout.readings,
            )
            % {"n": handout.readings},
        )
        return redirect("cohorts:review_assign", intake.slug)
    seed = _seed(request.GET.get("seed"))
    proposal = handing_out.propose(intake, by=person, seed=seed)
    stands, plan = proposal.situation, proposal.plan
    return render(
        request,
        "cohorts/review_assign.html",
        {
            "intake": intake,
            "proposal": proposal,
            "plan": plan,
            "new": len(plan.new),
            "given_back": len(proposal.given_back),
            "fewest": min(plan.loads.values(), default=0),
            "most": max(plan.loads.values(), default=0),
            "rows": _rows(proposal),
            "shortages": [verdicts.shortage(one, stands) for one in plan.shortages],
            "way_out": verdicts.way_out(plan, stands) if plan.missing else "",
            "evenness": verdicts.evenness(plan, stands),
            "conflicts": sum(one.holds for one in stands.conflicts),
            "applications": len(stands.copies),
            "latest": handing_out.latest(intake, by=person),
            "other_seed": seed + 1,
            "i_read": str(person.pk) in stands.reviewers,
            "is_on": intake.permits(Permit.REVIEW, now=timezone.now()),
        },
    )


def _seed(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def _rows(proposal: handing_out.Proposal) -> list[dict[str, Any]]:
    """Each reviewer: what they hold, what would come, and what they can take."""
    stands = proposal.situation
    fullest = max([*proposal.plan.loads.values(), 1])
    kept_away: dict[UUID, int] = {}
    for one in stands.conflicts:
        kept_away[one.reviewer.pk] = kept_away.get(one.reviewer.pk, 0) + one.holds
    rows = []
    for key, (held, fresh) in proposal.by_reviewer().items():
        terms = stands.terms.get(key)
        rows.append(
            {
                "person": stands.reviewers[key],
                "held": held,
                "fresh": fresh,
                "all": held + fresh,
                "held_wide": f"{WIDE * held / fullest:.1f}",
                "fresh_wide": f"{WIDE * fresh / fullest:.1f}",
                "capacity": terms.capacity if terms else None,
                "languages": terms.languages if terms else [],
                "kept_away": kept_away.get(stands.reviewers[key].pk, 0),
            }
        )
    return rows


@require_POST
@lead_call_page
def review_unassign(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Undo the latest round, as far as nobody has begun."""
    person = person_of(request)
    handout = handing_out.latest(intake, by=person)
    if handout is not None:
        handout.program = intake.program
        taken, stay = handing_out.undo(handout, by=person, now=timezone.now())
        said = ngettext(
            "%(n)s reading is taken back.", "%(n)s readings are taken back.", taken
        ) % {"n": taken}
        if stay:
            said += " " + ngettext(
                "%(n)s stays: somebody has begun it.",
                "%(n)s stay: somebody has begun them.",
                stay,
            ) % {"n": stay}
        messages.success(request, said)
    return redirect("cohorts:review_assign", intake.slug)


@require_POST
@lead_call_page
def review_remind(request: HttpRequest, intake: Intake) -> HttpResponse:
    n = handing_out.remind(intake, by=person_of(request), today=timezone.localdate())
    messages.success(
        request,
        ngettext(
            "%(n)s reviewer is reminded, once today.",
            "%(n)s reviewers are reminded, once today.",
            n,
        )
        % {"n": n}
        if n
        else _("Nobody has anything left to read."),
    )
    return redirect("cohorts:review_progress", intake.slug)


# --- What each can take -------------------------------------------------------


@reviewer_call_page
def review_terms(request: HttpRequest, intake: Intake) -> HttpResponse:
    """One's own: how many, in which languages, and whom not."""
    return _terms(request, intake, person_of(request))


@lead_call_page
def review_terms_of(
    request: HttpRequest, intake: Intake, user_id: UUID
) -> HttpResponse:
    """A lead sets how many somebody can read, and in which languages."""
    serving = Appointment.objects.active().filter(
        program=intake.program,
        role__in=(Appointment.Role.REVIEWER, Appointment.Role.LEAD),
    )
    people = User.objects.filter(pk__in=serving.values("person"))
    return _terms(request, intake, get_object_or_404(people, pk=user_id))


def _terms(request: HttpRequest, intake: Intake, reviewer: User) -> HttpResponse:
    person = person_of(request)
    is_mine = reviewer.pk == person.pk
    stands = (
        ReadingTerms.objects.visible_to(person)
        .filter(intake=intake, reviewer=reviewer)
        .first()
    )
    common: dict[str, Any] = {
        "is_mine": is_mine,
        "spoken": [*intake.languages, *(stands.languages if stands else [])],
        "current": stands,
        "initial": {
            "capacity": stands.capacity if stands else None,
            "languages": stands.languages if stands else [],
            "ties": stands.ties if stands else [],
        },
    }
    back = "cohorts:review_queue" if is_mine else "cohorts:review_assign"
    if request.method == "POST":
        form = TermsForm(request.POST, **common)
        if form.is_valid():
            handing_out.set_terms(
                intake,
                reviewer=reviewer,
                by=person,
                capacity=form.cleaned_data["capacity"],
                languages=form.cleaned_data["languages"],
                ties=form.cleaned_data["ties"] if is_mine else None,
                now=timezone.now(),
            )
            messages.success(request, _("Saved."))
            return redirect(back, intake.slug)
    else:
        form = TermsForm(**common)
    return render(
        request,
        "cohorts/review_terms.html",
        {
            "intake": intake,
            "form": form,
            "reviewer": reviewer,
            "is_mine": is_mine,
            "back": back,
        },
        status=422 if form.is_bound else 200,
    )


# --- Conflicts ----------------------------------------------------------------


@lead_call_page
def review_conflicts(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Who is kept from reading whom, and why; inferred ones may be overruled."""
    person, now = person_of(request), timezone.now()
    wanted = request.GET.get("q", "")[:100].strip()
    found = handing_out.kept_apart(intake, by=person, wanted=wanted, now=now)
    page = Paginator(found, CONFLICTS_SHOWN).get_page(request.GET.get("page"))
    shown = handing_out.conflicts_of(page.object_list)  # type: ignore[arg-type]
    return render(
        request,
        "cohorts/review_conflicts.html",
        {
            "intake": intake,
            "page": page,
            "q": wanted,
            "rows": [(one, verdicts.conflicts(one.kinds)) for one in shown],
            "is_searchable": wanted or page.paginator.num_pages > 1 or len(shown) > 5,
            "declared": _declared(request, intake),
            "form": OverruleForm(),
        },
    )


def _declared(request: HttpRequest, intake: Intake) -> list[Review]:
    """Whom reviewers abstained from, with their reason."""
    return list(
        Review.objects.visible_to(request.user)
        .filter(copy__intake=intake, state=Review.State.ABSTAINED)
        .select_related("copy__application", "reviewer")
        .defer("copy__texts", "copy__offers")
        .order_by("-changed_at", "pk")[:CONFLICTS_SHOWN]
    )


@require_POST
@lead_call_page
def conflict_act(
    request: HttpRequest, intake: Intake, blindcopy_id: UUID, user_id: UUID
) -> HttpResponse:
    """Overrule an inferred conflict, with a reason; or let it stand again."""
    person = person_of(request)
    copy = _copy_of(request, intake, pk=blindcopy_id)
    reviewer = get_object_or_404(handing_out.reviewers_of(intake), pk=user_id)
    if request.POST.get("act") == "stand":
        handing_out.let_stand(copy, reviewer=reviewer, by=person)
        messages.success(request, _("The conflict counts again."))
    else:
        handing_out.overrule(
            copy,
            reviewer=reviewer,
            by=person,
            reason=request.POST.get("reason", ""),
            now=timezone.now(),
        )
        messages.success(
            request, _("Written down. The next proposal may hand it to them.")
        )
    return redirect("cohorts:review_conflicts", intake.slug)


def _copy_of(request: HttpRequest, intake: Intake, **which: Any) -> BlindCopy:
    copy = (
        BlindCopy.objects.visible_to(request.user)
        .open()
        .filter(intake=intake, **which)
        .first()
    )
    if copy is None:
        raise Http404
    copy.intake, copy.program = intake, intake.program
    return copy


# --- What reviewers read of one -----------------------------------------------


@lead_call_page
def application_redact(
    request: HttpRequest, intake: Intake, application_id: UUID
) -> HttpResponse:
    """The blind copy as reviewers read it, and words to hide in it."""
    person = person_of(request)
    copy = _copy_of(request, intake, application=application_id)
    if request.method == "POST":
        form = RedactForm(request.POST)
        if form.is_valid():
            redacting.redact(
                copy,
                words=form.cleaned_data["words"],
                by=person,
                now=timezone.now(),
            )
            messages.success(request, _("Reviewers read it like this from now on."))
            return redirect("cohorts:application_redact", intake.slug, application_id)
    else:
        form = RedactForm(initial={"words": redacting.hidden_words(copy, by=person)})
    return render(
        request,
        "cohorts/application_redact.html",
        {
            "intake": intake,
            "copy": copy,
            "form": form,
            "texts": texts_of(intake, copy),
        },
        status=422 if form.is_bound else 200,
    )
