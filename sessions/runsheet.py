"""A session's run sheet: its agenda laid out for the people who are expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cohorts.models import Membership
from sessions import agenda, agendas
from sessions.models import RitualSession, Rsvp, SessionPhase

TOLD = ("name", "prompt", "low_bandwidth", "attribution")


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """Another agenda that those people can go through in that time."""

    template: agenda.Template
    minutes: int
    rooms: int


def expected(session: RitualSession) -> int:
    """How many people are expected: everyone in the cohort who has not said no."""
    away = (
        Rsvp.objects.unsealed("heads are counted, nobody is named")
        .filter(session=session, answer=Rsvp.Answer.NO)
        .values("membership")
    )
    return (
        Membership.objects.active()
        .filter(cohort=session.cohort_id)
        .exclude(pk__in=away)
        .count()
    )


def steps_for(
    template: agenda.Template, *, people: int, minutes: int
) -> list[agenda.Step]:
    """The steps for that many people, shortened evenly where the time is short.

    No step goes under the least that it is worth doing in: what does not fit even
    then stays too long, and `fit` says so beforehand.
    """
    usual = agenda.plan(template.phases, people=people, room=template.room)
    over = usual.minutes - minutes
    if over <= 0:
        return list(usual.steps)
    least = agenda.plan(
        template.phases, people=people, room=template.room, shortest=True
    )
    spare = [
        step.minutes - floor.minutes
        for step, floor in zip(usual.steps, least.steps, strict=True)
    ]
    cuts = _shared_out(min(over, sum(spare)), spare)
    steps, at = [], 0
    for step, cut in zip(usual.steps, cuts, strict=True):
        steps.append(
            agenda.Step(
                phase=step.phase,
                turn=step.turn,
                turns=step.turns,
                starts=at,
                minutes=step.minutes - cut,
            )
        )
        at = steps[-1].ends
    return steps


def _shared_out(total: int, shares: Sequence[int]) -> list[int]:
    """`total` in whole parts, in proportion to `shares` and never above one."""
    whole = sum(shares)
    if not whole:
        return [0] * len(shares)
    parts = [total * share // whole for share in shares]
    rests = sorted(range(len(shares)), key=lambda n: (-(total * shares[n] % whole), n))
    for n in rests[: total - sum(parts)]:
        parts[n] += 1
    return parts


def lay_out(
    session: RitualSession, *, template: agenda.Template, people: int
) -> list[SessionPhase]:
    """Write the session's steps anew; none of them may have begun."""
    SessionPhase.objects.unsealed("the run sheet is made anew").filter(
        session=session
    ).delete()
    rows = [
        SessionPhase(
            cohort_id=session.cohort_id,
            session=session,
            position=position,
            key=step.phase.key,
            minutes=max(1, step.minutes),
            per_person=step.phase.per_person,
            minutes_min=step.phase.minutes_min,
            minutes_max=step.phase.minutes_max,
            repeat_per=str(step.phase.repeat_per),
            turn=step.turn,
            turns=step.turns,
            speaker_rule=str(step.phase.speaker_rule),
            capture=str(step.phase.capture),
            private_writing=step.phase.private_writing,
            roles=[str(role) for role in step.phase.roles],
            **{name: str(getattr(step.phase, name)) for name in TOLD},
        )
        for position, step in enumerate(
            steps_for(template, people=people, minutes=session.minutes)
        )
    ]
    return SessionPhase.objects.bulk_create(rows)


def told(session: RitualSession, phases: Iterable[SessionPhase]) -> list[SessionPhase]:
    """The phases with the words of a built-in agenda in the reader's language."""
    phases = list(phases)
    try:
        template = agendas.by_key(session.template)
    except KeyError:
        return phases
    built_in = {phase.key: phase for phase in template.phases}
    for phase in phases:
        known = built_in.get(phase.key)
        if known is not None:
            for name in TOLD:
                setattr(phase, name, str(getattr(known, name)))
            phase.roles = [str(role) for role in known.roles]
    return phases


def fit(template: agenda.Template, *, people: int, minutes: int) -> agenda.Fit:
    """Whether those people can go through the agenda in that time."""
    return agenda.template_fits(template, people=people, minutes=minutes)


def alternatives(*, people: int, minutes: int, besides: str = "") -> list[Alternative]:
    """Built-in agendas that fit, the fullest first; the bookends are no session."""
    found = []
    for template in agendas.BUILT_IN:
        checked = agenda.template_fits(template, people=people, minutes=minutes)
        if template.key == besides or not checked.fits or checked.problems:
            continue
        found.append(
            Alternative(
                template=template,
                minutes=min(checked.needed, minutes),
                rooms=checked.rooms,
            )
        )
    return sorted(found, key=lambda option: -option.minutes)[:4]
