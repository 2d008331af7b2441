from uuid import uuid4

from library import curation
from library.models import Resource


def test_an_insight_is_kept_once_however_often_the_form_is_sent(birch):
    key = uuid4()
    for _ in range(2):
        curation.keep(
            by=birch.ada, title="Cards need a stamp", client_key=key, tags=("health",)
        )

    kept = Resource.objects.visible_to(birch.ben.person)

    assert [(r.title, list(r.tags.names())) for r in kept] == [
        ("Cards need a stamp", ["health"])
    ]


def test_the_cohort_next_door_does_not_see_it(birch):
    curation.keep(by=birch.ada, title="Cards need a stamp")

    assert not Resource.objects.visible_to(birch.oma.person).exists()
