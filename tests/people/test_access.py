"""What a declaration of access brings along."""

from django.http import HttpResponse
from django.utils.cache import patch_cache_control

from people.access import by_link


def test_what_a_link_shows_is_kept_nowhere(rf):
    view = by_link(why="the test of what a link brings")(lambda r: HttpResponse("mine"))

    response = view(rf.get("/"))

    assert response.headers["Cache-Control"] == "no-store, private"
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_a_view_that_says_more_is_heard(rf):
    def careful(request):
        response = HttpResponse("mine")
        patch_cache_control(response, no_store=True, max_age=0)
        return response

    response = by_link(why="the test of what a link brings")(careful)(rf.get("/"))

    assert "max-age=0" in response.headers["Cache-Control"]
