"""Three doors left open on purpose, for the test of the walls themselves."""

from django.http import HttpResponse
from django.urls import include, path

from cohortsite.urls import urlpatterns as the_house
from people.access import signed_in
from tests.walls.planting import private_models


@signed_in
def shows(request):
    said = []
    for model in private_models():
        rows = model.objects.unsealed("a leak planted on purpose")
        said += [str(value) for row in rows.values() for value in row.values()]
    return HttpResponse(" ".join(said))


@signed_in
def stumbles(request):
    raise ValueError("a page that falls")


def undeclared(request):
    return HttpResponse("nobody said who may knock")


urlpatterns = [
    *the_house,
    path(
        "leak/",
        include(
            (
                [
                    path("shows/", shows, name="shows"),
                    path("stumbles/", stumbles, name="stumbles"),
                    path("undeclared/", undeclared, name="undeclared"),
                ],
                "leak",
            )
        ),
    ),
]
