"""Beginning a change: the first charter, or one clause of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from charters import amending, quarterly, starters, writing
from charters.amending import Change, Draft
from charters.forms import (
    AddForm,
    ClauseForm,
    LanguageForm,
    ProposeForm,
    QuestionsForm,
    RemoveForm,
    StartForm,
)
from charters.models import Amendment, Clause, ProposedClause, Section
from charters.questions import FIVE
from charters.starters import Said, Starter
from charters.views import drafting, grown, parts
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership


def _language() -> str:
    return get_language() or "en"


def _wanted_language(request: HttpRequest) -> str:
    """The language that was chosen on the page; else the reader's own."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else _language()


def _by_section(
    chosen: set[str], *, lang: str
) -> list[tuple[Any, list[tuple[Said, bool]]]]:
    return [
        (
            section,
            [
                (s.said_in(lang), s.name in chosen)
                for s in starters.ALL
                if s.section == section
            ],
        )
        for section in Section
        if any(s.section == section for s in starters.ALL)
    ]


def _draft_of(starter: Starter, *, lang: str, key: UUID) -> Draft:
    """A starter clause in the language that was chosen with it."""
    said = starter.said_in(lang)
    return Draft(
        change=Change.NEW,
        key=key,
        section=starter.section,
        title=said.title,
        text=said.text,
        lang=said.lang,
        steers=str(starter.steers),
        value=starter.value,
    )


@cohort_page
def charter_start(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    if parts.newest_version(request, cohort) is not None:
        return redirect("charters:charter", cohort.slug)
    being_written = _being_written(request, cohort)
    if being_written is not None and request.method != "POST":
        return redirect("charters:decision", cohort.slug, being_written.pk)
    lang = _wanted_language(request)
    form = StartForm(
        parts.typed(request),
        initial={
            "clauses": [s.name for s in starters.ALL if s.usual],
            "lang": lang,
        },
    )
    if request.method == "POST" and form.is_valid():
        lang = form.cleaned_data["lang"] or lang
        amendment = amending.write_first(
            by=membership,
            clauses=[
                _draft_of(starters.BY_NAME[name], lang=lang, key=uuid5(form.key, name))
                for name in form.cleaned_data["clauses"]
            ],
            lang=lang,
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
        {
            "cohort": cohort,
            "form": form,
            "language": LanguageForm(initial={"lang": lang}),
            "sections": _by_section(chosen, lang=lang),
        },
        status=422 if form.is_bound else 200,
    )


@cohort_page
def charter_questions(
    request: HttpRequest, cohort: Cohort, membership: Membership
) -> HttpResponse:
    """Five questions, alone or in a session; each answer is a line of the first text.

    Whoever comes later sees what stands there already, and adds to it.
    """
    if parts.newest_version(request, cohort) is not None:
        return redirect("charters:charter", cohort.slug)
    draft = _being_written(request, cohort)
    form = QuestionsForm(parts.typed(request), initial={"lang": _language()})
    if request.method == "POST" and form.is_valid():
        amendment = amending.write_first(
            by=membership,
            clauses=_answers(form),
            lang=form.cleaned_data["lang"],
            client_key=form.key,
            now=timezone.now(),
        )
        writing.stir(amendment, now=timezone.now())
        messages.success(request, _("Your lines stand beside those of the others."))
        return redirect("charters:decision", cohort.slug, amendment.pk)
    there = parts.proposed_in(request.user, draft) if draft else []
    return render(
        request,
        "charters/charter_questions.html",
        {
            "cohort": cohort,
            "form": form,
            "draft": draft,
            "asked": [
                (form[q.name], [line for line in there if line.section == q.section])
                for q in FIVE
            ],
        },
        status=422 if form.is_bound else 200,
    )


def _answers(form: QuestionsForm) -> list[Draft]:
    return [
        Draft(
            change=Change.NEW,
            key=uuid5(form.key, question.name),
            section=question.section,
            title=str(question.title),
            text=form.answers[question.name],
            lang=form.cleaned_data["lang"],
        )
        for question in FIVE
        if form.answers[question.name]
    ]


def _being_written(request: HttpRequest, cohort: Cohort) -> Amendment | None:
    """The first charter, as long as there is none in force."""
    return (
        Amendment.objects.visible_to(request.user)
        .of(cohort)
        .open()
        .filter(founding=True)
        .first()
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
        return _propose_words(request, membership, clauses, clause=clause)
    if "starter" in asked:
        starter = _starter(request)
        if starter is None:
            raise Http404
        return _propose_words(request, membership, clauses, starter=starter)
    if "new" in asked:
        return _propose_words(request, membership, clauses)
    lang = _wanted_language(request)
    source = grown.from_address(request, cohort)
    return render(
        request,
        "charters/charter_propose.html",
        {
            "cohort": cohort,
            "clauses": clauses,
            "source": source,
            "carried": grown.carried(source),
            "language": LanguageForm(initial={"lang": lang}),
            "lang": lang,
            "starters": _still_to_be_had(clauses, lang=lang),
        },
    )


def _still_to_be_had(
    clauses: Iterable[Clause | ProposedClause], *, lang: str
) -> list[Said]:
    """Starter clauses that none of these says already."""
    clauses = list(clauses)
    steered = {c.steers for c in clauses if c.steers}
    titles = {c.title for c in clauses}
    said = [s.said_in(lang) for s in starters.ALL if s.steers not in steered]
    return [one for one in said if one.title not in titles]


def _chosen(clauses: list[Clause], key: str) -> Clause:
    try:
        return parts.by_key(clauses)[UUID(key)]
    except (ValueError, KeyError):
        raise Http404 from None


def _starter(request: HttpRequest) -> Said | None:
    starter = starters.BY_NAME.get(request.GET.get("starter", ""))
    return starter.said_in(_wanted_language(request)) if starter else None


def _beginning(clause: Clause | None, starter: Said | None) -> dict[str, Any]:
    """What the form of a line begins with: a clause in force, a starter, or nothing."""
    source: Any = clause or (starter.starter if starter else None)
    words: Any = clause or starter
    return {
        "steers": str(source.steers) if source else "",
        "value": source.value if source else None,
        "initial": {
            "title": words.title if words else "",
            "text": words.text if words else "",
            "section": str(source.section) if source else Section.OWN.value,
            "lang": words.lang if words else _language(),
        },
    }


def _propose_words(
    request: HttpRequest,
    membership: Membership,
    clauses: list[Clause],
    *,
    clause: Clause | None = None,
    starter: Said | None = None,
) -> HttpResponse:
    cohort = membership.cohort
    beginning = _beginning(clause, starter)
    beginning["initial"]["why"] = grown.why(grown.from_address(request, cohort))
    form = ProposeForm(
        parts.typed(request),
        own=parts.sections_in(clauses),
        cohort=cohort,
        stands_on=amending.fingerprint_of([clause.as_parts]) if clause else "",
        **beginning,
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
    source = grown.from_address(request, membership.cohort)
    form = RemoveForm(parts.typed(request), initial={"why": grown.why(source)})
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
    source = grown.from_address(request, membership.cohort)
    if found := grown.review_and_note(source):
        grew_from, note = found
        quarterly.grew(grew_from, amendment, by=membership, note=note)
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
    form = _words_of(request, proposed)
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
            proposed = _line(request, cohort, proposedclause_id)
            form = _words_of(request, proposed)
            form.is_valid()
        else:
            writing.end(amendment, by=membership, now=timezone.now())
            messages.success(request, _("The new words are in the proposal."))
            return redirect("charters:decision", cohort.slug, amendment.pk)
    may_write = amending.may_write(amendment, membership)
    if may_write:
        writing.begin(amendment, proposed.pk, by=membership, now=timezone.now())
    return render(
        request,
        "charters/clause_form.html",
        {
            "cohort": cohort,
            "form": form,
            "amendment": amendment,
            "line": proposed,
            "here": str(proposed.pk),
            "may_write": may_write,
            **(
                drafting.who_writes(request, amendment, membership) if may_write else {}
            ),
        },
        status=422 if form.is_bound else 200,
    )


def _words_of(request: HttpRequest, proposed: ProposedClause) -> ClauseForm:
    return ClauseForm(
        parts.typed(request),
        current=proposed,
        own=parts.sections_in(
            parts.proposed_in(request.user, proposed.amendment),
            parts.clauses_before(proposed.amendment, None, request.user),
        ),
        steers=proposed.steers,
        value=proposed.value,
        cohort=proposed.cohort,
        initial={
            name: getattr(proposed, name)
            for name in ("title", "text", "section", "lang")
        },
    )


@cohort_page
def clause_add(
    request: HttpRequest, cohort: Cohort, membership: Membership, amendment_id: UUID
) -> HttpResponse:
    """One clause more in a proposal: a new one, a starter, or one in force."""
    amendment = get_object_or_404(
        Amendment.objects.visible_to(request.user).select_related(
            "cohort", "proposer__person"
        ),
        cohort=cohort,
        pk=amendment_id,
    )
    clauses = parts.clauses_before(amendment, None, request.user)
    there = parts.proposed_in(request.user, amendment)
    clause = (
        _chosen(clauses, request.GET["clause"]) if "clause" in request.GET else None
    )
    starter = _starter(request)
    form = AddForm(
        parts.typed(request),
        own=parts.sections_in(there, clauses),
        cohort=cohort,
        **_beginning(clause, starter),
    )
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        key = clause.key if clause else uuid5(form.key, "line")
        # Sent twice, it is there once.
        if clause or key not in {p.key for p in there}:
            amending.add_clause(
                amendment,
                Draft(
                    change=Change.CHANGED if clause else Change.NEW,
                    key=key,
                    section=words["section"],
                    title=words["title"],
                    text=words["text"],
                    lang=words["lang"],
                    steers=form.steers,
                    value=form.value,
                ),
                by=membership,
                now=timezone.now(),
            )
        writing.end(amendment, by=membership, now=timezone.now())
        return redirect("charters:decision", cohort.slug, amendment.pk)
    may_write = amending.may_write(amendment, membership)
    if may_write and amendment.is_open:
        writing.begin(amendment, writing.NEW, by=membership, now=timezone.now())
    known = {p.key for p in there}
    lang = _wanted_language(request)
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
            "others": [c for c in clauses if c.key not in known],
            "starters": _still_to_be_had([*there, *clauses], lang=lang),
            "lang": lang,
            "may_write": may_write,
            **(
                drafting.who_writes(request, amendment, membership) if may_write else {}
            ),
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
    writing.stir(proposed.amendment, now=timezone.now())
    messages.success(
        request, _("The clause is out of the proposal. It can be put back below.")
    )
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
