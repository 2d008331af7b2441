"""Beginning a change: the first charter, or one clause of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from charters import amending, starters
from charters.amending import Change, Draft
from charters.forms import ClauseForm, ProposeForm, RemoveForm, StartForm
from charters.models import Amendment, Clause, ProposedClause, Section
from charters.starters import Starter
from charters.views import parts
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership


def _language() -> str:
    return get_language() or "en"


def _by_section(chosen: set[str]) -> list[tuple[Any, list[tuple[Starter, bool]]]]:
    return [
        (
            section,
            [(s, s.name in chosen) for s in starters.ALL if s.section == section],
        )
        for section in Section
        if any(s.section == section for s in starters.ALL)
    ]


def _draft_of(starter: Starter) -> Draft:
    """A starter clause in the language of whoever chose it."""
    return Draft(
        change=Change.NEW,
        section=starter.section,
        title=str(starter.title),
        text=str(starter.text),
        lang=_language(),
        steers=str(starter.steers),
        value=starter.value,
    )


@cohort_page
def charter_start(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    if parts.newest_version(request, cohort) is not None:
        return redirect("charters:charter", cohort.slug)
    being_written = (
        Amendment.objects.visible_to(request.user)
        .of(cohort)
        .open()
        .filter(founding=True)
        .first()
    )
    if being_written is not None and request.method != "POST":
        return redirect("charters:decision", cohort.slug, being_written.pk)
    form = StartForm(
        parts.typed(request),
        initial={"clauses": [s.name for s in starters.ALL if s.usual]},
    )
    if request.method == "POST" and form.is_valid():
        amendment = amending.propose(
            by=membership,
            clauses=[
                _draft_of(starters.BY_NAME[name])
                for name in form.cleaned_data["clauses"]
            ],
            lang=_language(),
            client_key=form.key,
            now=timezone.now(),
        )
        messages.success(
            request, _("Here is a first text. Change what is not yours yet.")
        )
        return redirect("charters:decision", cohort.slug, amendment.pk)
    chosen = set(form["clauses"].value() or ())
    return render(
        request,
        "charters/charter_start.html",
        {"cohort": cohort, "form": form, "sections": _by_section(chosen)},
        status=422 if form.is_bound else 200,
    )


@cohort_page
def charter_propose(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    """Choose a clause, then word the change; what was chosen stands in the address."""
    version = parts.newest_version(request, cohort)
    if version is None:
        return redirect("charters:charter_start", cohort.slug)
    clauses = parts.clauses_of(version, request.user)
    asked = request.GET
    if "clause" in asked:
        clause = _chosen(clauses, asked["clause"])
        if "remove" in asked:
            return _propose_removal(request, membership, clause)
        return _propose_words(request, membership, clause=clause)
    if "starter" in asked:
        starter = starters.BY_NAME.get(asked["starter"])
        if starter is None:
            raise Http404
        return _propose_words(request, membership, starter=starter)
    if "new" in asked:
        return _propose_words(request, membership)
    steered = {c.steers for c in clauses if c.steers}
    titles = {c.title for c in clauses}
    return render(
        request,
        "charters/charter_propose.html",
        {
            "cohort": cohort,
            "clauses": clauses,
            "starters": [
                s
                for s in starters.ALL
                if s.steers not in steered and str(s.title) not in titles
            ],
        },
    )


def _chosen(clauses: list[Clause], key: str) -> Clause:
    try:
        return parts.by_key(clauses)[UUID(key)]
    except (ValueError, KeyError):
        raise Http404 from None


def _propose_words(
    request: HttpRequest,
    membership: Membership,
    *,
    clause: Clause | None = None,
    starter: Starter | None = None,
) -> HttpResponse:
    cohort = membership.cohort
    source: Any = clause or starter
    form = ProposeForm(
        parts.typed(request),
        steers=str(source.steers) if source else "",
        value=source.value if source else None,
        stands_on=amending.fingerprint_of([clause.as_parts]) if clause else "",
        initial={
            "title": source.title if source else "",
            "text": source.text if source else "",
            "section": source.section if source else Section.OWN,
            "lang": clause.lang if clause else _language(),
        },
    )
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        more: dict[str, Any] = {"key": clause.key} if clause else {}
        return _proposed(
            request,
            membership,
            Draft(
                change=Change.CHANGED if clause else Change.NEW,
                section=words["section"],
                title=words["title"],
                text=words["text"],
                lang=words["lang"],
                steers=form.steers,
                value=form.value,
                **more,
            ),
            why=words["why"],
            client_key=form.key,
        )
    return render(
        request,
        "charters/clause_form.html",
        {
            "cohort": cohort,
            "form": form,
            "clause": clause,
            "starter": starter,
            "proposing": True,
        },
        status=422 if form.is_bound else 200,
    )


def _propose_removal(
    request: HttpRequest, membership: Membership, clause: Clause
) -> HttpResponse:
    form = RemoveForm(parts.typed(request))
    if request.method == "POST" and form.is_valid():
        return _proposed(
            request,
            membership,
            Draft(change=Change.REMOVED, key=clause.key),
            why=form.cleaned_data["why"],
            client_key=form.key,
        )
    return render(
        request,
        "charters/clause_remove.html",
        {"cohort": membership.cohort, "form": form, "clause": clause},
        status=422 if form.is_bound else 200,
    )


def _proposed(
    request: HttpRequest,
    membership: Membership,
    draft: Draft,
    *,
    why: str,
    client_key: UUID,
) -> HttpResponse:
    amendment = amending.propose(
        by=membership,
        clauses=[draft],
        why=why,
        lang=draft.lang,
        client_key=client_key,
        now=timezone.now(),
    )
    messages.success(
        request, _("Your proposal is here. Nobody is asked until you say so.")
    )
    return redirect("charters:decision", membership.cohort.slug, amendment.pk)


# --- The words of a proposal -----------------------------------------------------


def _line(request: HttpRequest, cohort: Cohort, pk: UUID) -> ProposedClause:
    return get_object_or_404(
        ProposedClause.objects.visible_to(request.user).select_related(
            "amendment__proposer__person", "amendment__cohort"
        ),
        cohort=cohort,
        pk=pk,
    )


@cohort_page
def clause_edit(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership,
    proposedclause_id: UUID,
) -> HttpResponse:
    proposed = _line(request, cohort, proposedclause_id)
    amendment = proposed.amendment
    if not amendment.is_open or proposed.is_removed:
        return redirect("charters:decision", cohort.slug, amendment.pk)
    form = ClauseForm(
        parts.typed(request),
        current=proposed,
        steers=proposed.steers,
        value=proposed.value,
        initial={
            name: getattr(proposed, name)
            for name in ("title", "text", "section", "lang")
        },
    )
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            amending.rewrite(
                proposed,
                amending.Rewrite(
                    edition=words["edition"] or proposed.edition,
                    title=words["title"],
                    text=words["text"],
                    section=words["section"],
                    lang=words["lang"],
                    value=form.value,
                ),
                by=membership,
                now=timezone.now(),
            )
        except amending.Stale:  # in the very moment between reading and writing
            form = ClauseForm(
                request.POST,
                current=_line(request, cohort, proposedclause_id),
                steers=proposed.steers,
                value=proposed.value,
            )
            form.is_valid()
        else:
            messages.success(request, _("The new words are in the proposal."))
            return redirect("charters:decision", cohort.slug, amendment.pk)
    return render(
        request,
        "charters/clause_form.html",
        {
            "cohort": cohort,
            "form": form,
            "amendment": amendment,
            "may_write": amending.may_write(amendment, membership),
        },
        status=422 if form.is_bound else 200,
    )


@cohort_page
def clause_add(
    request: HttpRequest, cohort: Cohort, membership: Membership, amendment_id: UUID
) -> HttpResponse:
    """One clause more in a proposal: a new one, a starter, or one in force."""
    amendment = get_object_or_404(
        Amendment.objects.visible_to(request.user).select_related("cohort"),
        cohort=cohort,
        pk=amendment_id,
    )
    version = parts.newest_version(request, cohort)
    clauses = parts.clauses_of(version, request.user)
    clause = (
        _chosen(clauses, request.GET["clause"]) if "clause" in request.GET else None
    )
    starter = starters.BY_NAME.get(request.GET.get("starter", ""))
    source: Any = clause or starter
    form = ClauseForm(
        parts.typed(request),
        steers=str(source.steers) if source else "",
        value=source.value if source else None,
        initial={
            "title": source.title if source else "",
            "text": source.text if source else "",
            "section": source.section if source else Section.OWN,
            "lang": clause.lang if clause else _language(),
        },
    )
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        more: dict[str, Any] = {"key": clause.key} if clause else {}
        amending.add_clause(
            amendment,
            Draft(
                change=Change.CHANGED if clause else Change.NEW,
                section=words["section"],
                title=words["title"],
                text=words["text"],
                lang=words["lang"],
                steers=form.steers,
                value=form.value,
                **more,
            ),
            by=membership,
            now=timezone.now(),
        )
        return redirect("charters:decision", cohort.slug, amendment.pk)
    there = set(
        ProposedClause.objects.visible_to(request.user)
        .of(amendment)
        .values_list("key", flat=True)
    )
    return render(
        request,
        "charters/clause_form.html",
        {
            "cohort": cohort,
            "form": form,
            "amendment": amendment,
            "clause": clause,
            "starter": starter,
            "adding": True,
            "others": [c for c in clauses if c.key not in there],
            "may_write": amending.may_write(amendment, membership),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
@cohort_page
def clause_drop(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership,
    proposedclause_id: UUID,
) -> HttpResponse:
    proposed = _line(request, cohort, proposedclause_id)
    amending.leave_out(proposed, by=membership, now=timezone.now())
    messages.success(request, _("The clause is out of the proposal."))
    return redirect("charters:decision", cohort.slug, proposed.amendment_id)


@require_POST
@cohort_page
def clause_rebase(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership,
    proposedclause_id: UUID,
) -> HttpResponse:
    proposed = _line(request, cohort, proposedclause_id)
    amending.base_anew(proposed, by=membership, now=timezone.now())
    messages.success(request, _("The proposal now changes the clause as it stands."))
    return redirect("charters:decision", cohort.slug, proposed.amendment_id)
