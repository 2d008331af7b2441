"""Everything the house holds about a person: to take along, or to be removed.

Both follow the `Privacy` declarations of the models (people/personal.py), so that
a new table is in them the day it is made, and the build stops if it is not.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Q
from django.db.models.deletion import Collector
from django.utils.translation import gettext_lazy as _

from people.models import Erasure, Export, User
from people.personal import NotPersonal, ours, user_paths
from people.refusal import Refused
from people.visibility import PrivateQuerySet, seal_lifted

# Tables of the libraries that hold something about a person: the path to the
# person, and what an export shows. Erasure removes their rows.
BORROWED: dict[type[models.Model], tuple[str, tuple[str, ...]]] = {
    EmailAddress: ("user", ("email", "verified", "primary")),
    UserSession: ("user", ("created_at", "last_seen_at", "ip", "user_agent")),
    # Never the secret itself: an export may lie about in a mailbox.
    Authenticator: ("user", ("type", "created_at", "last_used_at")),
    LogEntry: ("user", ("action_time", "action_flag")),
}


class TakesOthersAlong(RuntimeError):
    """Erasing these rows would remove what somebody else wrote."""


@dataclass(frozen=True)
class Holding:
    """One table that says it holds something about people."""

    model: type[models.Model]
    paths: tuple[str, ...]
    export: tuple[str, ...]
    on_erase: Any
    about: tuple[str, ...] = ()

    def rows(self, person: User) -> models.QuerySet[Any]:
        return self._reached(person, self.paths)

    def may_go_with(self, person: User) -> models.QuerySet[Any]:
        """Their own rows, and what others wrote about them."""
        return self._reached(person, (*self.paths, *self.about))

    def _reached(self, person: User, paths: tuple[str, ...]) -> models.QuerySet[Any]:
        own = Q(pk__in=())
        for path in paths:
            own |= Q(pk=person.pk) if path == "self" else Q(**{path: person})
        found = self.model._default_manager.filter(own)
        if isinstance(found, PrivateQuerySet):
            return found.unsealed("a person's own rows: to take along or to erase")
        return found


def holdings() -> Iterator[Holding]:
    """Every table of the house that declares itself about people."""
    for model in ours():
        declared: Any = model.__dict__.get("Privacy")
        if declared is None or isinstance(declared, NotPersonal):
            continue
        yield Holding(
            model,
            user_paths(declared.whose),
            tuple(declared.export),
            declared.on_erase,
            user_paths(getattr(declared, "about", ())),
        )


# To take along


def export(person: User) -> dict[str, Any]:
    """What the house holds about `person`, table by table, as plain values."""
    with seal_lifted("a person's own rows, for themselves"):
        tables = {
            holding.model._meta.label: [
                _plain(row, holding.export) for row in _in_order(holding.rows(person))
            ]
            for holding in holdings()
            if holding.export
        }
    for model, (path, fields) in BORROWED.items():
        rows = model._default_manager.filter(**{path: person})
        tables[model._meta.label] = [_plain(row, fields) for row in _in_order(rows)]
    return {
        "about": str(person.pk),
        "tables": {label: rows for label, rows in tables.items() if rows},
    }


def _in_order(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    return rows.order_by("pk")


def _plain(row: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name in fields:
        found = row._meta.get_field(name)
        if found.many_to_many:
            keys = getattr(row, name).values_list("pk", flat=True)
            said[name] = [str(key) for key in keys]
            continue
        value = getattr(row, found.attname)
        said[name] = (
            value.name if isinstance(value, models.fields.files.FieldFile) else value
        )
    return said


def files_of(person: User) -> Iterator[tuple[str, Any]]:
    """Uploads that belong in an export: a name in the ZIP and the file."""
    with seal_lifted("a person's own rows, for themselves"):
        for holding in holdings():
            names = [
                name
                for name in holding.export
                if isinstance(holding.model._meta.get_field(name), models.FileField)
            ]
            if not names:
                continue
            for row in holding.rows(person):
                for name in names:
                    if upload := getattr(row, name):
                        yield f"files/{upload.name}", upload


def pack(person: User) -> tuple[bytes, int]:
    """A ZIP with everything as JSON, the same to be read, and uploads.

    Returns its bytes and the number of rows in it.
    """
    told = export(person)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "data.json",
            json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1),
        )
        archive.writestr("words.txt", readable(told))
        for name, upload in files_of(person):
            with upload.open("rb") as content:
                archive.writestr(name, content.read())
    return packed.getvalue(), sum(len(rows) for rows in told["tables"].values())


def readable(told: dict[str, Any]) -> str:
    """The export as text that opens on any phone."""
    lines = []
    for label, rows in told["tables"].items():
        lines += [f"== {label} ==", ""]
        for row in rows:
            lines += [f"{k}: {v}" for k, v in row.items() if v not in ("", None, [])]
            lines.append("")
    return "\n".join(lines)


def ask_for_export(person: User) -> Export:
    """Ask once; asking again while it is being made changes nothing."""
    asked, _new = Export.objects.unsealed("one's own export").get_or_create(
        person=person, state=Export.State.ASKED
    )
    return asked


def make_exports(*, now: datetime) -> int:
    """Pack what was asked for; return how many."""
    made = 0
    while True:
        with transaction.atomic():
            asked = (
                Export.objects.unsealed("the worker packs for everybody")
                .asked()
                .select_for_update(skip_locked=True)
                .order_by("asked_at")
                .first()
            )
            if asked is None:
                return made
            packed, rows = pack(asked.person)
            asked.file.save("export.zip", ContentFile(packed), save=False)
            asked.state, asked.made_at, asked.rows = Export.State.READY, now, rows
            asked.save()
            made += 1


def drop_old_exports(*, now: datetime) -> int:
    dropped = 0
    for old in Export.objects.unsealed("their week is over").outlived(now):
        _drop_file(old)
        old.delete()
        dropped += 1
    return dropped


def _drop_file(export: Export) -> None:
    if export.file:
        export.file.delete(save=False)


# To be removed


@dataclass
class Done:
    """What an erasure did, table by table; it names nobody."""

    tables: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, model: type[models.Model], what: str, number: int) -> None:
        if number:
            found = self.tables.setdefault(model._meta.label, {})
            found[what] = found.get(what, 0) + number


@transaction.atomic
def erase(person: User, *, by: User | None, now: datetime) -> Erasure:
    """Remove a person by the declarations of every table; others' rows stay.

    `by` is the person themselves, or None for the operator at the command line.
    The receipt counts rows and names nobody. Erasing twice changes nothing more.
    """
    if by is not None and by.pk != person.pk:
        raise Refused(_("Only you can erase yourself."))
    User.objects.select_for_update().get(pk=person.pk)
    done = Done()
    uploads = list(_uploads_that_go(person))
    with seal_lifted("a person's own rows are erased"):
        held = sorted(holdings(), key=lambda h: h.model is User)
        for holding in held:
            if holding.on_erase == "delete":
                _delete(holding, person, done)
        for holding in held:
            if isinstance(holding.on_erase, dict):
                _change(holding, person, done)
            elif holding.on_erase == "keep":
                done.count(holding.model, "kept", holding.rows(person).count())
    for device in UserSession.objects.filter(user=person):
        device.end()
    for model, (path, _fields) in BORROWED.items():
        number, _each = model._default_manager.filter(**{path: person}).delete()
        done.count(model, "deleted", number)
    blank = User.objects.get(pk=person.pk)
    blank.set_unusable_password()
    blank.is_active = blank.is_staff = blank.is_superuser = False
    blank.erased_at = now
    blank.save()
    # Files leave the disk only when the rows have left the database for good.
    transaction.on_commit(lambda: _drop_uploads(uploads))
    return Erasure.objects.create(at=now, done=done.tables)


def _uploads_that_go(person: User) -> Iterator[Any]:
    """The files of rows that are deleted, or whose file is taken out."""
    with seal_lifted("a person's own rows are erased"):
        for holding in holdings():
            names = [
                f.name
                for f in holding.model._meta.concrete_fields
                if isinstance(f, models.FileField)
                and (
                    holding.on_erase == "delete"
                    or (
                        isinstance(holding.on_erase, dict)
                        and f.name in holding.on_erase
                    )
                )
            ]
            for row in holding.rows(person) if names else ():
                yield from filter(None, (getattr(row, name) for name in names))


def _drop_uploads(uploads: list[Any]) -> None:
    for upload in uploads:
        upload.storage.delete(upload.name)


def _delete(holding: Holding, person: User, done: Done) -> None:
    rows = holding.rows(person)
    collector = Collector(using=rows.db)
    collector.collect(rows)
    owned = {h.model: h for h in holdings()}
    taken: dict[type[models.Model], set[Any]] = {
        model: {row.pk for row in found} for model, found in collector.data.items()
    }
    for found in collector.fast_deletes:
        taken.setdefault(found.model, set()).update(found.values_list("pk", flat=True))
    for model, keys in taken.items():
        other = owned.get(model)
        if other is None or not other.paths:
            continue
        mine = other.may_go_with(person).values_list("pk", flat=True)
        theirs = keys - set(mine)
        if theirs:
            raise TakesOthersAlong(
                f"{holding.model._meta.label} would take {len(theirs)} rows of "
                f"{model._meta.label} along"
            )
    for model, keys in taken.items():
        done.count(model, "deleted", len(keys))
    rows.delete()


def _change(holding: Holding, person: User, done: Done) -> None:
    # Most are plain values; an expression, such as Now(), is left to the database.
    values = {
        name: value.format(pk=person.pk) if isinstance(value, str) else value
        for name, value in holding.on_erase.items()
    }
    done.count(holding.model, "changed", holding.rows(person).update(**values))


__all__ = [
    "TakesOthersAlong",
    "ask_for_export",
    "drop_old_exports",
    "erase",
    "export",
    "holdings",
    "make_exports",
    "pack",
]
