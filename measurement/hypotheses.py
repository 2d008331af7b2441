"""State a hunch, read its signals, and decide what became of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import Membership
from measurement.models import Hypothesis, Project, Reading, Signal
from people.models import create_once, record
from people.refusal import Refused


@transaction.atomic
def begin(
    *,
    by: Membership,
    title: str,
    hypothesis: dict[str, Any],
    signal: dict[str, Any],
    about: str = "",
    client_key: UUID | None = None,
    now: datetime | None = None,
) -> Project:
    """A live project with its first hunch and one signal to watch.

    `hypothesis` holds if_we, then, because, decide_on; `signal` holds the fields
    of `Signal`. The same key makes one project.
    """
    by.cohort.must_be_open()
    now = now or timezone.now()
    project, made = create_once(
        Project,
        client_key=client_key,
        owner=by,
        cohort=by.cohort,
        title=title,
        about=about,
        written_at=now,
    )
    if made:
        _state(project, number=1, hypothesis=hypothesis, signal=signal, now=now)
        record("project.begin", by=by.person, about=project, place=by.cohort_id)
    return project


@transaction.atomic
def restate(
    project: Project,
    *,
    by: Membership,
    verdict: str,
    learned: str,
    hypothesis: dict[str, Any] | None = None,
    signal: dict[str, Any] | None = None,
    now: datetime | None = None,
) -> Hypothesis | None:
    """Close the open hunch with a verdict; state the next one unless it stops."""
    _must_own(project, by)
    Project.objects.unsealed("two tabs must not both close it").select_for_update().get(
        pk=project.pk
    )
    standing = current(project)
    if standing is None:
        raise Refused(_("This hunch was closed already."))
    standing.verdict = verdict
    standing.learned = learned
    standing.closed_at = now = now or timezone.now()
    standing.save(update_fields=["verdict", "learned", "closed_at"])
    record("project.restate", by=by.person, about=project, place=by.cohort_id)
    if verdict == Hypothesis.Verdict.STOP:
        project.closed_at = standing.closed_at
        project.save(update_fields=["closed_at"])
        return None
    return _state(
        project,
        number=standing.number + 1,
        hypothesis=hypothesis or {},
        signal=signal or {},
        now=now,
    )


def current(project: Project) -> Hypothesis | None:
    """The hunch that is being tested, if one is."""
    return (
        Hypothesis.objects.unsealed("a project's own hunch, asked for by its reader")
        .filter(project=project, closed_at=None)
        .first()
    )


@transaction.atomic
def read(
    signal: Signal,
    *,
    by: Membership,
    value: int,
    out_of: int | None = None,
    on: date | None = None,
    note: str = "",
    client_key: UUID | None = None,
    now: datetime | None = None,
) -> Reading:
    """Write down one look at a signal; the same form writes it once."""
    by.cohort.must_be_open()
    if signal.cohort_id != by.cohort_id:
        raise Refused(_("Readings come from the cohort that the project is in."))
    if signal.is_share and out_of is None:
        raise Refused(_("Say out of how many, too."))
    reading, made = create_once(
        Reading,
        client_key=client_key,
        signal=signal,
        by=by,
        cohort=by.cohort,
        value=value,
        out_of=out_of if signal.is_share else None,
        on=on or timezone.localdate(now),
        note=note,
        written_at=now or timezone.now(),
    )
    if made:
        record("signal.read", by=by.person, about=signal, place=by.cohort_id)
    return reading


@transaction.atomic
def withdraw_reading(
    reading: Reading, *, by: Membership, now: datetime | None = None
) -> None:
    """Take a wrong number back; it stays in nobody's figures."""
    if reading.by_id != by.pk:
        raise Refused(_("Only the person who wrote this number can take it back."))
    if reading.withdrawn_at is None:
        reading.withdrawn_at = now or timezone.now()
        reading.save(update_fields=["withdrawn_at"])


@transaction.atomic
def share(
    project: Project, *, by: Membership, shared: bool, now: datetime | None = None
) -> None:
    """Let the project's numbers stand in released tables, or no longer.

    What was released stays released; the next release leaves it out.
    """
    _must_own(project, by)
    project.shared_at = (now or timezone.now()) if shared else None
    project.save(update_fields=["shared_at"])
    act = "project.share" if shared else "project.unshare"
    record(act, by=by.person, about=project, place=by.cohort_id)


def _must_own(project: Project, by: Membership) -> None:
    by.cohort.must_be_open()
    if project.owner_id != by.pk:
        raise Refused(_("Only the person whose project it is can do this."))


def _state(
    project: Project,
    *,
    number: int,
    hypothesis: dict[str, Any],
    signal: dict[str, Any],
    now: datetime,
) -> Hypothesis:
    place = {"cohort": project.cohort, "written_at": now}
    stated = Hypothesis.objects.create(
        project=project, number=number, **place, **hypothesis
    )
    Signal.objects.create(hypothesis=stated, **place, **signal)
    return stated
