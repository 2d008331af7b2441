"""Every model says whose it is, what an export holds, what erasure leaves.

    class Privacy:
        whose = "promised_by__person"     # path to the User, or "self"
        export = ("promise", "due_on")    # fields in that person's export
        on_erase = {"promise": "…"}       # or "delete", or "keep" with `why`
        about = "application__applicant"  # whom it is about, where another wrote it

A row that another person wrote `about` somebody goes when they go, if it hangs on a
row of theirs; otherwise nobody's erasure takes what another wrote.

Models about nobody say `Privacy = NotPersonal("why")`. Models that anyone's
query may run over say `not_private = "why"`; all others are private rows.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist
from django.db import models

OURS = ("people", "cohorts", "library", "charters", "cohort_sessions", "measurement")


class NotPersonal:
    """Declared as `Privacy = NotPersonal("why")` on a model about nobody."""

    def __init__(self, why: str):
        self.why = why


def ours() -> list[type[models.Model]]:
    """Every model of the house, the many-to-many tables Django makes left out."""
    return [m for m in apps.get_models() if m._meta.app_label in OURS]


def user_paths(whose: Any) -> tuple[str, ...]:
    """The paths of a declaration, as a tuple even when there is only one."""
    return (whose,) if isinstance(whose, str) else tuple(whose)


def path_ends_at_a_person(model: type[models.Model], path: str) -> bool:
    if path == "self":
        return model is apps.get_model("people.User")
    for part in path.split("__"):
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            return False
        if not getattr(field, "related_model", None):
            return False
        model = field.related_model  # type: ignore[assignment]
    return model is apps.get_model("people.User")


@register("privacy")
def every_model_declares_its_privacy(
    app_configs: Any, **kwargs: Any
) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for model in ours():
        declared = model.__dict__.get("Privacy")
        if declared is None:
            found.append(
                Error(
                    f"{model._meta.label} says nothing about privacy.",
                    hint='Add `class Privacy:` or `Privacy = NotPersonal("why")`.',
                    obj=model,
                    id="people.E001",
                )
            )
        elif not isinstance(declared, NotPersonal):
            found += _faults(model, declared)
        if not hasattr(model, "readable_by") and not getattr(
            model, "not_private", None
        ):
            found.append(
                Error(
                    f"{model._meta.label} says nothing about its readers.",
                    hint="Inherit a base of cohorts.models.confidentiality or "
                    'say `not_private = "why"`.',
                    obj=model,
                    id="people.E004",
                )
            )
    return found


def _faults(model: type[models.Model], declared: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for path in (
        *user_paths(declared.whose),
        *user_paths(getattr(declared, "about", ())),
    ):
        if not path_ends_at_a_person(model, path):
            found.append(
                Error(
                    f"{model._meta.label}: whose = {path!r} does not end at a person.",
                    obj=model,
                    id="people.E002",
                )
            )
    fields = {f.name for f in model._meta.get_fields()}
    named = set(declared.export)
    if isinstance(declared.on_erase, dict):
        named |= set(declared.on_erase)
    for name in sorted(named - fields):
        found.append(
            Error(
                f"{model._meta.label}: Privacy names {name!r}, which is no field.",
                obj=model,
                id="people.E003",
            )
        )
    return found
