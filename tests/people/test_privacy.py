"""What the house holds about a person can be taken along, and removed."""

import io
import json
import zipfile
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.test import Client
from django.utils import timezone

from people import privacy
from people.models import Erasure, Export, OutboxMessage, PrivateRow, Record, User
from people.personal import NotPersonal, ours
from people.privacy import BORROWED, erase, export, holdings, make_exports
from people.refusal import Refused
from people.visibility import seal_lifted
from tests.walls.planting import CANARY, plant, plant_everywhere

HOLDINGS = {h.model._meta.label: h for h in holdings()}


def everything(model):
    with seal_lifted("tests look at every row"):
        return {row.pk: row for row in model._default_manager.all()}


def owned_by(person, model):
    with seal_lifted("tests look at every row"):
        found = HOLDINGS[model._meta.label].rows(person)
        return set(found.values_list("pk", flat=True))


@pytest.fixture
def house(birch):
    """Ada wrote something in every private table; Ben wrote beside and below it."""
    plant_everywhere(birch)
    ben = SimpleNamespace(**vars(birch))
    ben.ada, ben.ben = birch.ben, birch.ada
    birch.by_ben = []
    with seal_lifted("the gardener plants for everyone"):
        for label, holding in HOLDINGS.items():
            if not issubclass(holding.model, PrivateRow):
                continue
            # Hung on what Ada wrote, where it hangs on anything.
            ben.planted = {k: v for k, v in birch.planted.items() if k != label.lower()}
            try:
                with transaction.atomic():
                    row = plant(holding.model, ben)
            except IntegrityError:
                continue
            if row.pk in owned_by(birch.ben.person, holding.model):
                birch.by_ben.append(row)
    return birch


# Every declaration is honoured


def test_an_export_shows_what_each_table_says_and_nothing_of_others(house):
    ada = house.ada.person

    tables = export(ada)["tables"]

    for label, holding in HOLDINGS.items():
        told = tables.get(label, [])
        mine = owned_by(ada, holding.model) if holding.export else ()
        assert (label, len(told)) == (label, len(mine))
        assert all(set(row) == set(holding.export) for row in told)


def test_an_export_holds_none_of_anothers_words(house):
    told = json.dumps(export(house.ben.person), default=str)

    mine = {m._meta.label_lower for m in (type(row) for row in house.by_ben)}
    assert {found.lower() for found in CANARY.findall(told)} <= mine


def test_an_erasure_does_what_each_table_says(house):
    ada = house.ada.person
    mine = {label: owned_by(ada, h.model) for label, h in HOLDINGS.items()}

    erase(ada, by=ada, now=timezone.now())

    for label, holding in HOLDINGS.items():
        rows = everything(holding.model)
        left = [rows[pk] for pk in mine[label] if pk in rows]
        if holding.on_erase == "delete":
            assert (label, left) == (label, [])
        if not isinstance(holding.on_erase, dict):
            continue
        for name, value in holding.on_erase.items():
            if isinstance(value, models.Expression):
                assert all(getattr(row, name) is not None for row in left)
                continue
            said = value.format(pk=ada.pk) if isinstance(value, str) else value
            assert all(getattr(row, name) == said for row in left), (label, name)


def test_an_erasure_leaves_what_others_wrote(house):
    ada, ben = house.ada.person, house.ben.person
    before = {
        (type(row), row.pk): {
            f.attname: getattr(row, f.attname)
            for f in row._meta.concrete_fields
            if isinstance(f, models.TextField | models.CharField)
        }
        for row in house.by_ben
    }

    erase(ada, by=ada, now=timezone.now())

    assert len(before) > 10
    gone = []
    for (model, pk), words in before.items():
        row = everything(model).get(pk)
        if row is None:
            gone.append(model._meta.label)
        else:
            assert {name: getattr(row, name) for name in words} == words
    assert gone == []
    assert ben.is_active


def test_nothing_that_names_the_person_is_left_on_the_person(birch):
    ada = birch.ada.person
    ada.set_password("river stone lantern")
    ada.full_name, ada.is_staff = "Ada Lovelace", True
    ada.save()

    erase(ada, by=ada, now=timezone.now())

    ada.refresh_from_db()
    assert (ada.called, ada.full_name, ada.pronouns) == ("", "", "")
    assert ada.email == f"erased-{ada.pk}@invalid"
    assert not ada.is_active
    assert not ada.is_staff
    assert not ada.has_usable_password()


def test_every_seat_ends(birch):
    erase(birch.ada.person, by=birch.ada.person, now=timezone.now())

    birch.ada.refresh_from_db()
    assert birch.ada.left_at is not None


def test_the_libraries_tables_are_accounted_for():
    """A table of a library that points at a person is exported and erased too."""
    unaccounted = {
        model._meta.label
        for model in apps.get_models()
        if model not in ours() and not model._meta.auto_created
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model is User
    } - {model._meta.label for model in BORROWED}

    assert unaccounted == set()


def test_what_the_libraries_hold_is_taken_along_and_removed(birch):
    ada = birch.ada.person
    ada.emailaddress_set.create(email=ada.email, verified=True, primary=True)

    before = export(ada)["tables"]["account.EmailAddress"]
    erase(ada, by=ada, now=timezone.now())

    assert [row["email"] for row in before] == [ada.email]
    assert ada.emailaddress_set.count() == 0


def test_every_table_says_something(db):
    silent = [m._meta.label for m in ours() if "Privacy" not in m.__dict__]
    about_nobody = [m for m in ours() if isinstance(m.Privacy, NotPersonal)]

    assert silent == []
    assert all(m.Privacy.why for m in about_nobody)


def test_what_would_take_another_persons_row_along_is_refused(birch, monkeypatch):
    """A declaration that forgets whose the replies are is caught, not obeyed."""
    ada, ben = birch.ada.person, birch.ben.person
    letter = OutboxMessage.objects.create(
        notice="x", recipient=ada, dedupe_key="a", send_after=timezone.now()
    )
    theirs = OutboxMessage.objects.create(
        notice="x", recipient=ben, dedupe_key="b", send_after=timezone.now()
    )
    OutboxMessage.objects.filter(pk=theirs.pk).update(folded_into=letter)
    key = OutboxMessage._meta.get_field("folded_into")
    monkeypatch.setattr(key.remote_field, "on_delete", models.CASCADE)

    with pytest.raises(privacy.TakesOthersAlong):
        erase(ada, by=ada, now=timezone.now())

    assert OutboxMessage.objects.count() == 2


# Who may, and what is left to show


def test_only_oneself_may_erase_oneself(birch):
    with pytest.raises(Refused):
        erase(birch.ada.person, by=birch.lea, now=timezone.now())

    assert birch.ada.person.is_active


def test_the_receipt_counts_and_names_nobody(birch):
    Record.objects.create(act="x", actor=birch.ada.person)

    receipt = erase(birch.ada.person, by=birch.ada.person, now=timezone.now())

    assert receipt.done["people.User"] == {"changed": 1}
    assert receipt.done["people.Record"] == {"changed": 1}
    assert "ada" not in json.dumps(receipt.done).lower()


def test_erasing_is_typed_and_signs_out_everywhere(birch, client):
    ada = birch.ada.person
    phone = Client()
    for device in (client, phone):
        device.force_login(ada)

    mistyped = client.post("/me/data/erase/", {"confirm": "ben@example.org"})
    done = client.post("/me/data/erase/", {"confirm": " ADA@example.org "})
    receipt = client.get(done.headers["Location"])

    assert mistyped.status_code == 422
    assert done.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert receipt.status_code == 200
    assert phone.get("/me/").status_code == 302
    assert Erasure.objects.count() == 1


# The file


def test_data_is_packed_by_a_worker_and_saved_by_its_owner_only(
    birch, client, settings
):
    ada = birch.ada.person
    client.force_login(ada)
    client.post("/me/data/export/")
    client.post("/me/data/export/")
    waiting = client.get("/me/data/").content.decode()

    made = make_exports(now=timezone.now())

    asked = Export.objects.visible_to(ada).get()
    url = f"/me/data/{asked.pk}.zip"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(client.get(url).streaming_content)))
    stranger = Client()
    stranger.force_login(birch.lea)
    assert "Being packed" in waiting
    assert made == 1
    told = json.loads(archive.read("data.json"))
    assert told["tables"]["people.User"][0]["email"] == "ada@example.org"
    assert "ada@example.org" in archive.read("words.txt").decode()
    assert url in client.get("/me/data/").content.decode()
    assert stranger.get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_packed_data_is_dropped_after_a_week(birch):
    privacy.ask_for_export(birch.ada.person)
    now = timezone.now()
    make_exports(now=now)
    file = Export.objects.unsealed("test").get().file

    early = privacy.drop_old_exports(now=now + timedelta(days=6))
    late = privacy.drop_old_exports(now=now + timedelta(days=8))

    assert (early, late) == (0, 1)
    assert not file.storage.exists(file.name)


def test_packed_data_goes_with_the_person(birch, django_capture_on_commit_callbacks):
    privacy.ask_for_export(birch.ada.person)
    make_exports(now=timezone.now())
    file = Export.objects.unsealed("test").get().file

    with django_capture_on_commit_callbacks(execute=True):
        erase(birch.ada.person, by=birch.ada.person, now=timezone.now())

    assert not file.storage.exists(file.name)
