"""Taking objections into the text: what is objected, and the words to answer it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from charters import amending
from charters.forms import ClauseForm
from charters.models import MOST_ROUNDS, Consent, ProposedClause
from charters.views import parts
from cohorts.access import cohort_page
from cohorts.models import Cohort, Membership
from people.refusal import Refused

Lines = list[tuple[ProposedClause, ClauseForm]]


@cohort_page
def decision_integrate(
    request: HttpRequest, cohort: Cohort, membership: Membership, consent_id: UUID
) -> HttpResponse:
    """Old words and objections on one side, the words that answer them on the other."""
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
    asked = objection.round
    asked.amendment = amendment
    standing = amending.standing(asked, now=timezone.now()).objections
    others = [one for one in standing if one.pk != objection.pk]
    also = [one for one in others if str(one.pk) in request.POST.getlist("also")]
    typed = parts.typed(request)
    begun = next((one for one in standing if _starts_from(request, one)), None)
    proposed = [
        p
        for p in ProposedClause.objects.visible_to(request.user).of(amendment)
        if not p.is_removed
    ]
    if begun is not None and proposed:
        typed = _with_their_fix(typed, begun, proposed)
    lines = [(line, _form_of(line, typed)) for line in proposed]
    refusal = ""
    # Every form is looked at, so that every error shows at once.
    complete = request.method == "POST" and all(
        [form.is_valid() for _line, form in lines]
    )
    if complete and begun is None:
        try:
            amending.integrate(
                objection,
                by=membership,
                words={line.key: _words(line, form) for line, form in lines},
                also=also,
                now=timezone.now(),
            )
        except Refused as refused:
            if not amending.may_write(amendment, membership):
                raise
            # What was typed stays on the page.
            refusal = str(refused.sentence)
        else:
            messages.success(
                request,
                _(
                    "The new text is before the circle. Earlier answers no longer "
                    "count. Whoever objected is asked first whether it is mended."
                ),
            )
            return redirect("charters:decision", cohort.slug, amendment.pk)
    sent = request.method == "POST"
    return render(
        request,
        "charters/decision_integrate.html",
        {
            "cohort": cohort,
            "amendment": amendment,
            "objection": objection,
            "objections": [
                (one, one.pk == objection.pk or not sent or one in also)
                for one in [objection, *others]
            ],
            "forms": lines,
            "refusal": refusal,
            "begun": begun,
            "last_round": objection.round.number >= MOST_ROUNDS,
            "may_write": amending.may_write(amendment, membership),
        },
        status=422 if sent and begun is None else 200,
    )


def _starts_from(request: HttpRequest, objection: Consent) -> bool:
    return request.POST.get("start") == str(objection.pk)


def _with_their_fix(typed: Any, objection: Consent, lines: list[ProposedClause]) -> Any:
    """The typed words with the objection's fix below them; nothing typed is lost."""
    name = f"{lines[0].position}-text"
    typed = typed.copy()
    own = typed.get(name, "").rstrip()
    if objection.fix.strip() not in own:
        typed[name] = f"{own}\n\n{objection.fix.strip()}".lstrip()
    return typed


def _form_of(line: ProposedClause, typed: Any) -> ClauseForm:
    return ClauseForm(
        typed,
        prefix=str(line.position),
        current=line,
        steers=line.steers,
        value=line.value,
        cohort=line.cohort,
        initial={
            name: getattr(line, name) for name in ("title", "text", "section", "lang")
        },
    )


def _words(line: ProposedClause, form: ClauseForm) -> amending.Rewrite:
    words = form.cleaned_data
    return amending.Rewrite(
        edition=words["edition"] or line.edition,
        title=words["title"],
        text=words["text"],
        section=words["section"],
        lang=words["lang"],
        value=form.value,
    )
