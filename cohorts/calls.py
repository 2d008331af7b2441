"""Calls for applications: begin one with good defaults, change it, publish it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, ProtectedError, RestrictedError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cohorts import usual
from cohorts.models import (
    Application,
    Criterion,
    Intake,
    IntakePhase,
    Permit,
    Program,
    Question,
    Review,
    Trait,
)
from cohorts.rights import must_lead
from cohorts.translating import copy_texts
from people.models import User, create_once, record
from people.refusal import Refused

ANYWHERE_ON_EARTH = timezone(timedelta(hours=-12))
# Words that stand at the same place in an address.
RESERVED = ("new", "resume", "reply", "people", "finish")
LAST_SECOND = time(23, 59, 59)


@transaction.atomic
def begin(
    program: Program,
    *,
    by: User,
    name: str,
    client_key: UUID | None = None,
    **fields: Any,
) -> Intake:
    """A call with six criteria, usual questions and traits, to be changed at will."""
    must_lead(by, program)
    intake, is_new = create_once(
        Intake,
        client_key=client_key,
        program=program,
        name=name,
        slug=free_slug(name),
        **{
            "timezone": program.timezone,
            "languages": program.languages,
            "hours_per_month": program.hours_per_month,
            **fields,
        },
    )
    if is_new:
        Question.objects.bulk_create(
            Question(intake=intake, position=n, **fields)
            for n, fields in enumerate(usual.questions(), 1)
        )
        Trait.objects.bulk_create(
            Trait(intake=intake, position=n, **fields)
            for n, fields in enumerate(usual.traits(), 1)
        )
        Criterion.objects.bulk_create(
            Criterion(intake=intake, position=n, **fields)
            for n, fields in enumerate(usual.criteria(), 1)
        )
        record("intake.begin", by=by, about=intake, place=program.pk)
    return intake


# What another call takes over from a former one: everything but its name, its
# dates and what happened to it.
TAKEN_OVER = (
    "about",
    "language",
    "languages",
    "timezone",
    "seats",
    "cohorts_wanted",
    "size_min",
    "size_max",
    "hours_per_month",
    "rhythm",
    "how_chosen",
    "letter_offered",
    "letter_waitlisted",
    "letter_declined",
    "readings_wanted",
)
OWN = ("id", "intake", "edition")


@transaction.atomic
def begin_like(
    former: Intake,
    *,
    by: User,
    name: str,
    opens_on: date | None = None,
    client_key: UUID | None = None,
) -> Intake:
    """A new call with the offer, questions, traits and criteria of a former one.

    With `opens_on` it takes over the former's dates too, all moved by as many days
    as lie between the two openings. Applications stay where they are.
    """
    must_lead(by, former.program)
    intake, is_new = create_once(
        Intake,
        client_key=client_key,
        program=former.program,
        name=name,
        slug=free_slug(name),
        **{field: getattr(former, field) for field in TAKEN_OVER},
    )
    if not is_new:
        return intake
    keys: dict[str, str] = {}
    for kind in (Question, Trait, Criterion):
        rows = kind._default_manager.filter(intake=former).order_by("position", "pk")
        again = {row.pk.hex: _again(row, intake) for row in rows}
        kind._default_manager.bulk_create(again.values())
        keys |= {key: row.pk.hex for key, row in again.items()}
    copy_texts(former, intake, parts=keys)
    if opens_on is not None:
        _move_dates(former, intake, opens_on=opens_on)
    record("intake.begin_like", by=by, about=intake, place=former.program_id)
    return intake


def _again(part: Part, intake: Intake) -> Any:
    """The same part, for another call."""
    kept = {
        f.attname: getattr(part, f.attname)
        for f in part._meta.concrete_fields
        if f.name not in OWN
    }
    return type(part)(intake=intake, **kept)


def _move_dates(former: Intake, intake: Intake, *, opens_on: date) -> None:
    phases = list(former.phases.all())
    if not phases:
        return
    zone = ZoneInfo(former.timezone)
    first = min(p.opens_at for p in phases).astimezone(zone).date()
    by = opens_on - first

    def moved(phase: IntakePhase) -> IntakePhase:
        ends = ANYWHERE_ON_EARTH if phase.anywhere_on_earth else zone
        return IntakePhase(
            intake=intake,
            kind=phase.kind,
            # By days of the calendar: a morning stays one when the clocks change.
            opens_at=_days_later(phase.opens_at, by, zone),
            closes_at=_days_later(phase.closes_at, by, ends),
            anywhere_on_earth=phase.anywhere_on_earth,
            permits=phase.permits,
        )

    IntakePhase.objects.bulk_create(moved(phase) for phase in phases)
    for name in ("answer_by", "kept_until"):
        day = getattr(former, name)
        if day is not None:
            setattr(intake, name, day + by)
    intake.save(update_fields=["answer_by", "kept_until"])


def _days_later(at: datetime, by: timedelta, zone: tzinfo) -> datetime:
    wall = at.astimezone(zone).replace(tzinfo=None) + by
    return wall.replace(tzinfo=zone)


def free_slug(name: str) -> str:
    """An address for the call; names in other scripts get a plain one."""
    base = slugify(name)[:50] or "call"
    slug = base
    while slug in RESERVED or Intake.objects.filter(slug=slug).exists():
        slug = f"{base}-{secrets.token_hex(2)}"
    return slug


@transaction.atomic
def change(intake: Intake, *, by: User, **fields: Any) -> Intake:
    must_lead(by, intake.program)
    for name, value in fields.items():
        setattr(intake, name, value)
    intake.edition += 1
    intake.full_clean(exclude=["program", "slug"])
    intake.save(update_fields=[*fields, "edition"])
    record("intake.change", by=by, about=intake, place=intake.program_id)
    return intake


# --- Phases -------------------------------------------------------------------


def first_moment(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(zone))


def last_moment(day: date, zone: str, *, anywhere_on_earth: bool) -> datetime:
    """The end of that day there, or when it has ended everywhere."""
    place = ANYWHERE_ON_EARTH if anywhere_on_earth else ZoneInfo(zone)
    return datetime.combine(day, LAST_SECOND, tzinfo=place)


Stretch = tuple[datetime, datetime]


def faults(
    phases: Mapping[str, Stretch], permits: Mapping[str, Sequence[str]] | None = None
) -> list[tuple[str, str]]:
    """What is wrong with these phases: the kind, and a sentence for it.

    Reading may begin while people still apply. Decisions may not, in whatever phase
    they are permitted: everyone who applied in time is looked at alike.
    """
    permits = permits or {}
    kind = IntakePhase.Kind
    found = [
        (k, _("This ends before it begins."))
        for k, (opens, closes) in phases.items()
        if opens >= closes
    ]
    order = [k.value for k in kind if k.value in phases]
    for earlier, later in pairwise(order):
        if phases[later][0] < phases[earlier][0]:
            found.append((later, _("This begins before the phase that it follows.")))
    for later in (kind.DECIDE, kind.CONFIRM):
        if (
            kind.APPLY in phases
            and later in phases
            and phases[later][0] < phases[kind.APPLY][1]
        ):
            found.append(
                (later, _("This begins while people may still apply; begin it later."))
            )
    if (
        kind.APPLY in phases
        and kind.REVIEW in phases
        and Permit.DECIDE in permits.get(kind.REVIEW, ())
        and phases[kind.REVIEW][0] < phases[kind.APPLY][1]
    ):
        found.append(
            (
                kind.REVIEW,
                _(
                    "This begins while people may still apply, so nothing can be "
                    "decided in it. Begin it later, or let it permit reading alone."
                ),
            )
        )
    return found


@transaction.atomic
def set_phases(
    intake: Intake,
    *,
    by: User,
    phases: Mapping[str, tuple[datetime, datetime, bool]],
    permits: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Put these phases in place of those there are: opens, closes, everywhere?

    Where `permits` says nothing of a phase, it permits what it did, or what is usual.
    """
    must_lead(by, intake.program)
    kept = {p.kind: p.permits for p in intake.phases.all()} | dict(permits or {})
    wrong = faults(
        {k: (opens, closes) for k, (opens, closes, _e) in phases.items()},
        {k: chosen for k, chosen in kept.items() if k in phases},
    )
    if wrong:
        raise Refused(wrong[0][1])
    for k, chosen in (permits or {}).items():
        kind = IntakePhase.Kind(k)
        if set(chosen) - set(IntakePhase.POSSIBLE[kind]) or (
            kind == IntakePhase.Kind.APPLY and Permit.APPLY not in chosen
        ):
            raise Refused(_("A phase cannot permit that."))
    intake.phases.all().delete()
    IntakePhase.objects.bulk_create(
        IntakePhase(
            intake=intake,
            kind=kind,
            opens_at=opens,
            closes_at=closes,
            anywhere_on_earth=everywhere,
            permits=list(kept.get(kind) or IntakePhase.USUAL[IntakePhase.Kind(kind)]),
        )
        for kind, (opens, closes, everywhere) in phases.items()
    )
    _forget_prefetched(intake)
    record("intake.phases", by=by, about=intake, place=intake.program_id)


# --- Questions, traits, criteria ----------------------------------------------

Part = Question | Trait | Criterion


def is_scored(intake: Intake) -> bool:
    """Whether somebody has handed in a reading: then the criteria stay."""
    done = Review.objects.unsealed("whether anybody scored yet").done()
    return done.filter(copy__intake=intake).exists()


def refuse_if_fixed(intake: Intake, kind: type[Part]) -> None:
    """Everyone is asked the same, and read by the same measure."""
    if kind is Criterion:
        if is_scored(intake):
            raise Refused(
                _("Somebody has scored by these criteria, so they stay as they are.")
            )
    elif intake.is_frozen:
        raise Refused(
            _(
                "The first application has arrived, so the questions stay as they "
                "are: everyone is asked the same."
            )
        )


@transaction.atomic
def add(kind: type[Part], intake: Intake, /, *, by: User, **fields: Any) -> Part:
    must_lead(by, intake.program)
    refuse_if_fixed(intake, kind)
    last = kind._default_manager.filter(intake=intake).aggregate(n=Max("position"))["n"]
    if kind is Trait:
        fields.setdefault("key", free_key(intake, fields["label"]))
    made = kind._default_manager.create(
        intake=intake, position=(last or 0) + 1, **fields
    )
    record(f"{kind._meta.model_name}.add", by=by, about=made, place=intake.program_id)
    return made


def free_key(intake: Intake, label: str) -> str:
    taken = set(Trait.objects.filter(intake=intake).values_list("key", flat=True))
    base = slugify(label)[:50] or "trait"
    key, n = base, 2
    while key in taken:
        key, n = f"{base}-{n}", n + 1
    return key


@transaction.atomic
def change_part(part: Part, *, by: User, **fields: Any) -> Part:
    must_lead(by, part.intake.program)
    refuse_if_fixed(part.intake, type(part))
    for name, value in fields.items():
        setattr(part, name, value)
    part.edition += 1
    part.save(update_fields=[*fields, "edition"])
    act = f"{part._meta.model_name}.change"
    record(act, by=by, about=part, place=part.intake.program_id)
    return part


@transaction.atomic
def move(part: Part, *, by: User, up: bool) -> None:
    """Swap places with the one before or after; at the edge nothing happens."""
    must_lead(by, part.intake.program)
    refuse_if_fixed(part.intake, type(part))
    rows: list[Any] = list(
        type(part)
        ._default_manager.select_for_update()
        .filter(intake=part.intake)
        .order_by("position", "pk")
    )
    here = next(n for n, row in enumerate(rows) if row.pk == part.pk)
    there = here - 1 if up else here + 1
    if 0 <= there < len(rows):
        rows[here], rows[there] = rows[there], rows[here]
    for n, row in enumerate(rows, 1):
        row.position = n
    type(part)._default_manager.bulk_update(rows, ["position"])


@transaction.atomic
def remove(part: Part, *, by: User) -> None:
    must_lead(by, part.intake.program)
    refuse_if_fixed(part.intake, type(part))
    act = f"{part._meta.model_name}.remove"
    record(act, by=by, about=part, place=part.intake.program_id)
    try:
        part.delete()
    except ProtectedError as error:
        raise Refused(_("Somebody has answered this, so it stays.")) from error
    except RestrictedError as error:
        raise Refused(
            _("A quota counts the answers to this. Remove the quota first.")
        ) from error


# --- Publishing ---------------------------------------------------------------


def missing(intake: Intake) -> list[str]:
    """What a call needs before anybody can apply, in sentences."""
    found = []
    if intake.phase(IntakePhase.Kind.APPLY) is None:
        found.append(_("Say from when until when people may apply."))
    if not intake.questions.exists():
        found.append(_("Ask at least one question."))
    if not intake.criteria.exists():
        found.append(_("Say what you look for: add at least one criterion."))
    if not intake.about.strip():
        found.append(_("Tell applicants what the call offers."))
    return found


@transaction.atomic
def publish(intake: Intake, *, by: User, now: datetime) -> Intake:
    must_lead(by, intake.program)
    lacks = missing(intake)
    if lacks:
        raise Refused(" ".join(lacks))
    if intake.published_at is None:
        intake.published_at = now
        intake.save(update_fields=["published_at"])
        record("intake.publish", by=by, about=intake, place=intake.program_id)
    return intake


@transaction.atomic
def take_back(intake: Intake, *, by: User) -> Intake:
    """Unpublish a call that nobody has answered yet."""
    must_lead(by, intake.program)
    answered = Application.objects.unsealed("whether anybody applied").filter(
        intake=intake
    )
    if answered.exists():
        raise Refused(_("People have applied; the call can no longer be taken back."))
    intake.published_at = None
    intake.save(update_fields=["published_at"])
    record("intake.take_back", by=by, about=intake, place=intake.program_id)
    return intake


def _forget_prefetched(intake: Intake) -> None:
    getattr(intake, "_prefetched_objects_cache", {}).clear()
