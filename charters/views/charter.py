"""Reading the charter: as it stands, as it stood, and what changed between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count, groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from charters import amending, remembered
from charters.access import reading_page
from charters.models import (
    Amendment,
    CharterVersion,
    Clause,
    Consent,
    ConsentRound,
    ProposedClause,
    section_name,
)
from charters.redline import moved
from charters.views import parts
from charters.views.parts import Line
from cohorts.models import Cohort, Membership
from people.clock import day_for, place_name
from people.prepared import prepared, the_one
from people.wall_time import local_day

# So many versions stand in the thread; older ones are folded away below it.
SHOWN_VERSIONS = 5


@dataclass
class Proposal:
    """An open amendment with its clauses, as the charter page shows it."""

    amendment: Amendment
    lines: list[Line] = field(default_factory=list)
    round: ConsentRound | None = None

    @property
    def about(self) -> str:
        return parts.about_of(self.amendment, self.lines)


@reading_page
def charter(
    request: HttpRequest, cohort: Cohort, membership: Membership | None
) -> HttpResponse:
    if "on" in request.GET:
        return _as_it_stood(request, cohort)
    if membership is None:
        return _for_a_lead(request, cohort)
    now = timezone.now()
    versions = _versions_of(request.user, cohort)
    version = versions[0] if versions else None
    clauses = parts.clauses_of(version, request.user)
    proposals = _open_proposals(request, cohort, clauses)
    if version is None and not proposals:
        return render(request, "charters/charter_empty.html", {"cohort": cohort})
    asking = _first_asking(proposals, membership, now=now)
    return render(
        request,
        "charters/charter.html",
        {
            "cohort": cohort,
            "membership": membership,
            "version": version,
            "sections": _in_sections(_page_lines(clauses, proposals)),
            "asking": asking,
            "form": parts.answer_form(asking) if asking else None,
            "proposals": proposals,
            "others": [
                p for p in proposals if not asking or p.amendment != asking.amendment
            ],
            "founding": version is None,
            "may_steer": asking is not None
            and amending.may_steer(asking.amendment, membership),
            "review": the_one(parts.review_awaited(request.user, cohort)),
            "versions": versions[:SHOWN_VERSIONS],
            "older": versions[SHOWN_VERSIONS:],
            "now": now,
        },
    )


@prepared
def _versions_of(viewer: Any, cohort: Cohort) -> QuerySet[CharterVersion]:
    return CharterVersion.objects.visible_to(viewer).of(cohort)


@prepared
def _proposed_now(viewer: Any, cohort: Cohort) -> QuerySet[ProposedClause]:
    return (
        ProposedClause.objects.visible_to(viewer)
        .standing()
        .filter(cohort=cohort, amendment__closed_at=None)
        .select_related("amendment__proposer__person")
        .order_by("amendment__proposed_at", "amendment", "position", "pk")
    )


def _for_a_lead(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    """Leads read what is in force; what is being talked about is the circle's own."""
    version = CharterVersion.objects.visible_to(request.user).in_force(cohort)
    if version is None:
        raise Http404
    return redirect("charters:charter_version", cohort.slug, version.number)


def _open_proposals(
    request: HttpRequest, cohort: Cohort, clauses: list[Clause]
) -> list[Proposal]:
    rows = _proposed_now(request.user, cohort)
    # Where nothing is proposed, nothing is asked.
    asking = parts.open_rounds(request.user, cohort) if rows else []
    rounds = {asked.amendment_id: asked for asked in asking}
    if not _are_the_words_of(rows, rounds):
        # Reworded in this very moment: nobody is to answer words that they do not see.
        rows = _proposed_now(request.user, cohort)
    found = []
    for _key, group in groupby(rows, key=lambda p: p.amendment_id):
        proposed = list(group)
        amendment = proposed[0].amendment
        amendment.cohort = cohort
        found.append(
            Proposal(
                amendment,
                parts.lines_of(proposed, clauses),
                rounds.get(amendment.pk),
            )
        )
    return found


def _are_the_words_of(
    rows: Iterable[ProposedClause], rounds: dict[UUID, ConsentRound]
) -> bool:
    """Whether every round asks about the words that were read."""
    words: dict[UUID, list[Any]] = {pk: [] for pk in rounds}
    for line in rows:
        if line.amendment_id in words:
            words[line.amendment_id].append(line.as_parts)
    return all(
        amending.fingerprint_of(words[pk]) == asked.text_hash
        for pk, asked in rounds.items()
    )


def _first_asking(
    proposals: list[Proposal], membership: Membership, *, now: datetime
) -> parts.Asking | None:
    """The round that waits for this reader, else the one whose window closes first."""
    rounds = sorted(
        (p.round for p in proposals if p.round), key=lambda asked: asked.closes_at
    )
    stands = amending.standings(rounds, now=now)
    askings = [
        parts.Asking(
            stands=stands[p.round.pk],
            amendment=p.amendment,
            mine=stands[p.round.pk].answer_of(membership),
            asks_me=stands[p.round.pk].asks(membership),
            about=p.about,
            now=now,
        )
        for asked in rounds
        for p in proposals
        if p.round and p.round.pk == asked.pk
    ]
    waiting = [asking for asking in askings if asking.waits_for_me]
    return next(iter(waiting or askings), None)


@dataclass(frozen=True, kw_only=True)
class PageLine:
    """A clause of the page, and the change of it that is being decided."""

    clause: Clause | None
    change: Line | None = None
    proposal: Proposal | None = None
    # Where it stands in a text that has no numbers yet.
    place: int = 0

    @property
    def section(self) -> str:
        if self.clause:
            return self.clause.section
        assert self.change is not None
        return self.change.section


def _in_sections(lines: Iterable[PageLine]) -> list[tuple[str, list[PageLine]]]:
    places = count(1)
    return [
        (section_name(section), [replace(line, place=next(places)) for line in some])
        for section, some in amending.by_section(lines)
    ]


def _page_lines(clauses: list[Clause], proposals: list[Proposal]) -> list[PageLine]:
    """Changes that are being decided stand in place; new clauses come last."""
    deciding = [
        (line, proposal)
        for proposal in proposals
        if proposal.round or proposal.amendment.founding
        for line in proposal.lines
    ]
    changes = {
        line.before.key: (line, proposal) for line, proposal in deciding if line.before
    }
    shown = [
        PageLine(
            clause=clause,
            change=changes[clause.key][0] if clause.key in changes else None,
            proposal=changes[clause.key][1] if clause.key in changes else None,
        )
        for clause in clauses
    ]
    return shown + [
        PageLine(clause=None, change=line, proposal=proposal)
        for line, proposal in deciding
        if line.before is None
    ]


def _as_it_stood(request: HttpRequest, cohort: Cohort) -> HttpResponse:
    """`?on=2026-10-01`: the version in force at the end of that day, in its place."""
    day = _day_asked(request)
    if day is None:
        raise Http404
    versions = _versions_of(request.user, cohort)
    version = next((v for v in versions if _day_of(v, cohort) <= day), None)
    if version is None:
        if not versions:
            raise Http404
        messages.warning(
            request,
            _("On that day there was no charter yet. The first came on %(day)s.")
            % {"day": day_for(_day_of(versions[-1], cohort))},
        )
        return redirect("charters:charter_version", cohort.slug, 1)
    there = reverse("charters:charter_version", args=[cohort.slug, version.number])
    return redirect(f"{there}?on={day.isoformat()}")


def _day_asked(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None


def _day_of(version: CharterVersion, cohort: Cohort) -> date:
    """The day on which it was adopted, where the cohort lives."""
    return local_day(version.adopted_at, cohort.timezone)


@reading_page
def charter_version(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership | None,
    version_number: int,
) -> HttpResponse:
    """One version as it will always be: to read, to print, to take away."""
    versions = _versions_of(request.user, cohort)
    version = next((v for v in versions if v.number == version_number), None)
    if version is None:
        raise Http404
    following = next((v for v in versions if v.number == version_number + 1), None)
    on = _day_asked(request)
    adopted = _day_of(version, cohort)
    ended = _day_of(following, cohort) if following else None
    return render(
        request,
        "charters/charter_version.html",
        {
            "cohort": cohort,
            "version": version,
            "versions": versions,
            "newest": versions[0].number,
            "until": following.adopted_at if following else None,
            "before": version_number - 1,
            "sections": _in_sections(
                PageLine(clause=clause)
                for clause in parts.clauses_of(version, request.user)
            ),
            "roll": _roll_of(request.user, version.amendment_id) if membership else [],
            # Only a day on which it was in force is told of.
            "on": on if on and adopted <= on and (not ended or on < ended) else None,
            "days": remembered.days_of(request.user, cohort),
            "place": place_name(cohort.timezone),
            "on_its_first_day": on == adopted and version_number > 1,
            "is_lead": membership is None,
        },
    )


@prepared
def _roll_of(viewer: Any, amendment: UUID) -> QuerySet[Consent]:
    """Who said what to the very text that was adopted."""
    return (
        Consent.objects.visible_to(viewer)
        .filter(
            round__amendment=amendment,
            voided_at=None,
            text_hash=F("round__text_hash"),
        )
        .select_related("member__person")
        .order_by("given_at", "pk")
    )


@reading_page
def charter_text(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership | None,
    version_number: int,
) -> HttpResponse:
    """A version as a file of plain text, for whoever wants to keep it."""
    versions = _versions_of(request.user, cohort)
    version = next((v for v in versions if v.number == version_number), None)
    if version is None:
        raise Http404
    text = render_to_string(
        "charters/charter_version.txt",
        {
            "cohort": cohort,
            "version": version,
            "until": next(
                (v.adopted_at for v in versions if v.number == version_number + 1),
                None,
            ),
            "sections": _in_sections(
                PageLine(clause=clause)
                for clause in parts.clauses_of(version, request.user)
            ),
        },
        request,
    )
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    name = f"{cohort.slug}-charter-{version.number}.md"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A clause of one version beside the same clause of another."""

    before: Clause | None
    after: Clause | None
    # Others stand before it now, or after it; not merely more or fewer of them.
    has_moved: bool = False

    @property
    def is_same(self) -> bool:
        return (
            self.before is not None
            and self.after is not None
            and not self.has_moved
            and self.before.as_parts == self.after.as_parts
        )

    @property
    def words_differ(self) -> bool:
        """Another language is another text, too."""
        one, other = self.before, self.after
        assert one is not None
        assert other is not None
        return (one.title, one.text, one.lang) != (other.title, other.text, other.lang)


@reading_page
def charter_compare(
    request: HttpRequest, cohort: Cohort, membership: Membership | None
) -> HttpResponse:
    """The form that chooses two versions, sent without a script."""
    chosen = (request.GET.get("from", ""), request.GET.get("to", ""))
    if not all(n.isdecimal() and len(n) < 7 for n in chosen):
        return redirect("charters:charter", cohort.slug)
    return redirect("charters:charter_diff", cohort.slug, *map(int, chosen))


@reading_page
def charter_diff(
    request: HttpRequest,
    cohort: Cohort,
    membership: Membership | None,
    from_number: int,
    to_number: int,
) -> HttpResponse:
    versions = _versions_of(request.user, cohort)
    numbered = {v.number: v for v in versions}
    if from_number not in numbered or to_number not in numbered:
        raise Http404
    old, new = numbered[from_number], numbered[to_number]
    rows = list(
        Clause.objects.visible_to(request.user)
        .filter(version__in=(old, new))
        .order_by("number")
    )
    before = {c.key: c for c in rows if c.version_id == old.pk}
    after = {c.key: c for c in rows if c.version_id == new.pk}
    went = moved(before, after)
    compared = [
        Compared(before=before.get(key), after=c, has_moved=key in went)
        for key, c in after.items()
    ]
    compared += [
        Compared(before=c, after=None) for key, c in before.items() if key not in after
    ]
    return render(
        request,
        "charters/charter_diff.html",
        {
            "cohort": cohort,
            "old": old,
            "new": new,
            "versions": versions,
            "is_lead": membership is None,
            "changed": [c for c in compared if not c.is_same],
            "same": [c for c in compared if c.is_same],
        },
    )
