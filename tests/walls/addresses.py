"""An address for every route, so that none escapes the walk.

A parameter named `<model>_id` takes the key of that model's planted row. Others
stand in `SAYS`; a route that wants something new stops the run until somebody
teaches it here.
"""

from typing import Any
from uuid import uuid4

from django.apps import apps
from django.urls import reverse

from charters.notices import answer_token as round_token
from charters.notices import note_token, talk_token, welcome_token
from people.visibility import seal_lifted
from sessions.notices import answer_token, keep_token
from tests.walls.planting import plant

# parameter -> what it takes, from the house
SAYS: dict[str, Any] = {
    # The secret of an invitation; whoever lacks it holds any other.
    "secret": lambda house: "x" * 43,
    "cohort_slug": lambda house: house.cohort.slug,
    "program_slug": lambda house: house.program.slug,
    # Sessions: by their number; a mailed answer link of Ada's; no feed's secret.
    "number": lambda house: house.planted["cohort_sessions.ritualsession"].number,
    "answer_token": lambda house: answer_token(
        house.planted["cohort_sessions.ritualsession"], house.ada
    ),
    # Charters: the planted version; a mailed link that names a round next door.
    "version_number": lambda house: house.planted["charters.charterversion"].number,
    "from_number": lambda house: house.planted["charters.charterversion"].number,
    "to_number": lambda house: house.planted["charters.charterversion"].number,
    "round_token": lambda house: round_token(
        house.planted["charters.consentround"], house.oma
    ),
    "talk_token": lambda house: talk_token(
        house.planted["charters.amendment"], house.oma
    ),
    "note_token": lambda house: note_token(
        house.planted["charters.quarterlyreview"], house.oma
    ),
    "welcome_token": lambda house: welcome_token(house.oma),
    "what": lambda house: "say",
    "contact_id": lambda house: house.planted["charters.outsidecontact"].pk,
    "care_key": lambda house: house.program.pk,
    "keep_token": lambda house: keep_token(house.planted["cohort_sessions.commitment"]),
    "calendar_secret": lambda house: "nobody-knows-this-one",
    # Calls: the planted one; its question among the parts of its kind.
    "intake_slug": lambda house: house.planted["cohorts.intake"].slug,
    "page": lambda house: 1,
    "tongue": lambda house: "fr",
    "sample": lambda house: 1,
    "parts": lambda house: "questions",
    "part_id": lambda house: house.planted["cohorts.question"].pk,
    "name": lambda house: "no-such-letter",
    "band": lambda house: "decline",
    "slug": lambda house: house.planted["library.programcopy"].slug,
    "source": lambda house: house.planted["library.resource"].pk,
    # A receipt outlives its person; its address is a secret like the others.
    "receipt_id": lambda house: uuid4(),
    # Secrets: the walk knows none, as an outsider would not.
    "token": lambda house: "not-a-token-that-anybody-was-given",
}


def address_of(route: Any, house: Any) -> str:
    values = {name: value_of(name, route, house) for name in route.params}
    if route.name.rsplit(":", 1)[-1].startswith("?"):
        return "/" + route.pattern
    try:
        return reverse(route.name, kwargs=values)
    except Exception as trouble:
        raise AssertionError(f"no address for {route}: {trouble}") from trouble


def value_of(name: str, route: Any, house: Any) -> Any:
    if name in SAYS:
        return SAYS[name](house)
    for model in apps.get_models():
        if name == f"{model._meta.model_name}_id":
            with seal_lifted("the gardener plants for everyone"):
                return plant(model, house).pk
    raise AssertionError(f"teach the walk a value for {name!r}, wanted by {route.name}")
