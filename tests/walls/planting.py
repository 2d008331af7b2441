"""One row in every private table, with a canary of its own in every text column.

A canary names its model, so that a page can be asked: whose words are these, and
may this reader read them? New models are planted by looking at their fields;
one that needs more than its fields tell gets a line in `RECIPES`.
"""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from people.models import PrivateRow
from people.visibility import seal_lifted

CANARY = re.compile(r"canary-([a-z_]+\.[a-z_]+)-7f3a", re.IGNORECASE)

# model label -> values that its fields alone do not tell
Recipe = Callable[[SimpleNamespace], dict[str, Any]]
RECIPES: dict[str, Recipe] = {
    # Live now, with everyone's canaries in the room.
    "cohort_sessions.ritualsession": lambda cast: {
        "state": "open",
        "why_not": "",
        "timezone": "Africa/Nairobi",
        "starts_at": timezone.now(),
        "ends_at": timezone.now() + timedelta(hours=1),
        "opened_at": timezone.now(),
        "template": "",
    },
    "cohort_sessions.sessionphase": lambda cast: {"position": 0, "key": ""},
    "cohort_sessions.appreciation": lambda cast: {"to": cast.ben},
    "cohort_sessions.writing": lambda cast: {"language": "en"},
    "cohorts.application": lambda cast: {
        "availability": "",
        "timezone": "Africa/Nairobi",
    },
    "cohorts.composition": lambda cast: {
        "state": "proposed",
        "rules": {"groups": 1, "size_min": 1, "size_max": 9, "monday": "2026-11-23"},
    },
    "cohorts.signature": lambda cast: {"signed_at": timezone.now()},
    "cohorts.criterion": lambda cast: {
        "levels": [canary_of(apps.get_model("cohorts.criterion"))] * 4
    },
    # A public call with everything that anybody could bring to it.
    "cohorts.intake": lambda cast: {
        "slug": "mangrove",
        "timezone": "Africa/Nairobi",
        "published_at": timezone.now(),
    },
    "cohorts.blindcopy": lambda cast: {
        "texts": {
            str(plant(apps.get_model("cohorts.question"), cast).pk): canary_of(
                apps.get_model("cohorts.blindcopy")
            )
        }
    },
    "cohorts.draft": lambda cast: {
        "typed": {"called": canary_of(apps.get_model("cohorts.draft"))}
    },
    "cohorts.importbatch": lambda cast: {"delimiter": ",", "encoding": "utf-8"},
    "cohorts.importrow": lambda cast: {"verdict": "bad", "problems": [[0, "Look."]]},
    "cohorts.review": lambda cast: {"state": "done"},
    # Of two who have nothing to read here: it would take the copy out of a queue.
    "cohorts.keptapart": lambda cast: {"kinds": ["named"]},
    "cohorts.practicereading": lambda cast: {"sample": 1},
    "cohorts.reckoned": lambda cast: {
        "readings": 1,
        "places": [
            [
                str(plant(apps.get_model("cohorts.application"), cast).pk),
                *(1.0, 1, 1, 2, 3.0, 3.0, 1.0, 4.0),
            ]
        ],
        "facts": {"alpha": 0.5, "criteria": {}, "variances": [1.0, 0.5, 0.2]},
    },
    "cohorts.standing": lambda cast: {
        "pending": "offered",
        "decided_at": timezone.now(),
    },
    # Between Ada and Ben; Sol, who facilitates, was not chosen and reads nothing.
    "charters.repaircase": lambda cast: {
        "asker": cast.ada.person,
        "addressee": cast.ben.person,
        "state": "talking",
        "step": 6,
        "step_began_at": timezone.now(),
    },
    "charters.repairconcern": lambda cast: {"addressee": cast.ben.person},
    "charters.repairsaying": lambda cast: {"author": cast.ada.person},
    # Ada to a third who is not in the house: not even Ben reads it.
    "charters.repairaside": lambda cast: {"author": cast.ada.person},
    "charters.repairagreement": lambda cast: {"author": cast.ada.person},
    "measurement.release": lambda cast: {
        "threshold": 10,
        "rounding": 5,
        "program_id": cast.program.pk,
    },
    "measurement.hypothesis": lambda cast: {"verdict": ""},
    "cohorts.resumetoken": lambda cast: {
        "application": plant(apps.get_model("cohorts.application"), cast)
    },
}


def canary_of(model: type[models.Model]) -> str:
    return f"canary-{model._meta.label_lower}-7f3a"


def private_models() -> list[type[PrivateRow]]:
    return [m for m in apps.get_models() if issubclass(m, PrivateRow)]


def plant_everywhere(cast: SimpleNamespace) -> dict[str, models.Model]:
    """One canary in each private table of Birch and its program: label → row."""
    cast.planted = {}
    with seal_lifted("the gardener plants for everyone"):
        for model in private_models():
            plant(model, cast)
    return cast.planted


def plant(model: type[models.Model], cast: SimpleNamespace) -> models.Model:
    label = model._meta.label_lower
    if label in cast.planted:
        return cast.planted[label]
    ready = _ready(model, cast)
    if ready is not None:
        return ready
    given = RECIPES.get(label, lambda _cast: {})(cast)
    values = dict(given)
    for field in model._meta.concrete_fields:
        if field.name in values or field.primary_key or field.generated:
            continue
        value = _value(field, model, cast)
        if value is not None:
            values[field.name] = value
    cast.planted[label] = model._default_manager.create(**values)
    return cast.planted[label]


def _ready(model: type[models.Model], cast: SimpleNamespace) -> models.Model | None:
    """People and places the cast already has."""
    return {
        "cohorts.cohort": cast.cohort,
        "cohorts.program": cast.program,
        "cohorts.membership": cast.ada,
        "people.user": cast.ada.person,
    }.get(model._meta.label_lower)


def _value(field: Any, model: type[models.Model], cast: SimpleNamespace) -> Any:
    canary = canary_of(model)
    if isinstance(field, models.ForeignKey):
        if field.null and field.related_model is not cast.ada.person.__class__:
            return None
        if field.null:
            return None
        return plant(field.related_model, cast)
    if field.name in ("lang", "language"):
        return None if field.has_default() else "en"
    if field.choices:
        return None if field.has_default() or field.null else field.choices[0][0]
    match field:
        case models.EmailField():
            return f"{canary}@example.org"
        case models.URLField():
            return f"https://example.org/{canary}"
        case models.SlugField():
            return canary.replace(".", "-")[: field.max_length]
        case models.CharField() if field.max_length and field.max_length < len(canary):
            return None if field.has_default() or field.blank else "x"
        case models.CharField() | models.TextField():
            return canary
        case ArrayField() if isinstance(
            field.base_field, models.CharField | models.TextField
        ):
            size = field.base_field.max_length or 999
            return [canary] if size >= len(canary) else None
    if field.null or field.has_default():
        return None
    match field:
        case models.DateTimeField():
            return timezone.now() + timedelta(days=3)
        case models.DateField():
            return date(2030, 1, 1)
        case models.TimeField():
            return time(9)
        case models.BooleanField():
            return False
        case models.DecimalField():
            return Decimal(1)
        case models.IntegerField() | models.FloatField():
            return 1
        case models.UUIDField():
            return uuid4()
        case models.BinaryField():
            return uuid4().bytes * 2
        case models.JSONField():
            return {"said": canary}
    raise AssertionError(f"teach the gardener {model._meta.label}.{field.name}")
