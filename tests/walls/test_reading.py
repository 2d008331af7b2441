"""The seal: no private query runs before its reader is named."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db import models as fields
from django.db.models import Count
from django.shortcuts import get_object_or_404

from people.models import PrivateRow
from people.visibility import StillSealed
from tests.walls.planting import CANARY, private_models

OURS = ["people", "cohorts", "library", "charters", "sessions", "measurement"]

WAYS_IN = {
    "list": lambda m: list(m.objects.all()),
    "get": lambda m: m.objects.get(pk=1),
    "get_or_404": lambda m: get_object_or_404(m, pk=1),
    "count": lambda m: m.objects.count(),
    "exists": lambda m: m.objects.exists(),
    "aggregate": lambda m: m.objects.aggregate(n=Count("pk")),
    "values": lambda m: list(m.objects.values("pk")),
    "subquery": lambda m: list(
        m.objects.unsealed("outer").filter(pk__in=m.objects.values("pk"))
    ),
    "either_or": lambda m: list(m.objects.unsealed("left") | m.objects.all()),
    "union": lambda m: list(m.objects.unsealed("left").union(m.objects.all())),
    "update": lambda m: m.objects.update(pk=None),
    "bulk_update": lambda m: m.objects.bulk_update([m()], [_a_field(m)]),
    "delete": lambda m: m.objects.all().delete(),
}

each_model = pytest.mark.parametrize(
    "model", private_models(), ids=lambda m: m._meta.label
)


def _a_field(model):
    return next(f.name for f in model._meta.concrete_fields if not f.primary_key)


@each_model
@pytest.mark.parametrize("way", WAYS_IN)
@pytest.mark.django_db
def test_nothing_runs_before_a_reader_is_named(model, way):
    with pytest.raises(StillSealed):
        WAYS_IN[way](model)


def test_a_model_may_narrow_the_rule_but_not_widen_it(house):
    """Whatever a model says, its base of the audience has the last word."""
    for model in private_models():
        base = next(
            b
            for b in reversed(model.__mro__)
            if issubclass(b, PrivateRow)
            and b is not PrivateRow
            and "readable_by" in b.__dict__
        )
        if base is model:  # a rule of its own, reviewed with the model
            continue
        for viewer in house.viewers.values():
            ruled = model.objects.unsealed("the rule itself").filter(
                base.readable_by.__func__(model, viewer)
            )

            assert set(model.objects.visible_to(viewer)) <= set(ruled), model


def test_nobody_outside_reads_anything(house):
    for model in private_models():
        for name in ("anonymous", "stranger", "other_cohort", "funder", "superuser"):
            if name == "other_cohort" and getattr(model, "audience", "") == "program":
                continue  # Oak is in the same program as Birch
            seen = model.objects.visible_to(house.viewers[name])

            assert list(seen) == [], (model, name)


@each_model
def test_private_rows_stay_out_of_the_admin(model):
    assert not admin.site.is_registered(model)


def test_private_text_stays_out_of_logs(house):
    for row in house.planted.values():
        assert not CANARY.search(f"{row} {row!r}")


@each_model
def test_no_open_row_can_be_joined_to_a_private_one(model):
    """A named way back from an open row would let any query look behind the seal."""
    for field in model._meta.get_fields():
        if not isinstance(field, fields.ForeignKey | fields.ManyToManyField):
            continue
        way_back = field.remote_field.related_name or ""
        same_audience = issubclass(field.related_model, PrivateRow) and getattr(
            field.related_model, "audience", None
        ) == getattr(model, "audience", 0)

        assert way_back.endswith("+") or same_audience, f"{model}.{field.name}"


def test_nobody_goes_round_the_seal_by_hand():
    """Raw SQL and base managers would not ask for a reader."""
    around = {"raw", "cursor", "_base_manager", "extra"}
    # Files that may, each with its reason.
    may = {
        "measurement/access.py": "puts on the funder's role for a request",
        "people/delivery.py": "asks the database what time it is",
        "people/models/pouring.py": "writes new rows, and reads none",
    }
    found = set()
    for app in OURS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            name = str(path.relative_to(settings.BASE_DIR))
            if "migrations" in name or name in may:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and node.attr in around:
                    found.add((name, node.attr))

    assert found == set()


def test_every_exception_to_the_seal_gives_its_reason():
    for app in OURS:
        for path in sorted(Path(settings.BASE_DIR / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute | ast.Name)
                    and getattr(node.func, "attr", getattr(node.func, "id", ""))
                    in ("unsealed", "seal_lifted")
                ):
                    first = node.args[0] if node.args else None

                    assert first is not None, path
                    if isinstance(first, ast.Constant):
                        assert len(str(first.value).split()) >= 3, path


@pytest.mark.django_db
def test_the_suite_runs_as_the_web_role_and_owns_nothing():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb "
            "FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False, False)
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' "
            "AND tableowner = current_user"
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_the_funder_role_reads_released_tables_only():
    released = {
        m._meta.db_table
        for m in apps.get_models()
        if getattr(m, "funder_may_read", False)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('r', 'v', 'm', 'p') "
            "AND has_table_privilege('funder', oid, 'SELECT')"
        )
        readable = {row[0] for row in cursor.fetchall()}

    assert readable == released
    assert not any(
        m in private_models() for m in apps.get_models() if m._meta.db_table in readable
    )


def test_anonymous_reads_nothing_even_by_a_broken_session(house):
    for model in private_models():
        assert not model.objects.visible_to(AnonymousUser()).exists()
