"""Parts that every page shows alike: once for each language, nothing of a reader."""

from __future__ import annotations

from django.template import Context, engines
from django.utils import translation


def written(source: str, **context: str) -> str:
    template = engines["django"].from_string(source)
    return template.template.render(Context(context))


def test_each_language_keeps_its_own_words():
    template = engines["django"].from_string(
        "{% still %}{% translate 'Skip to content' %}{% endstill %}"
    )

    said = {}
    for language in ("en", "fr", "en"):
        with translation.override(language):
            said[language] = template.render()

    assert said["en"] == "Skip to content"
    assert said["fr"] != said["en"]


def test_nothing_of_a_reader_is_kept():
    assert written("{% still %}<b>{{ name }}</b>{% endstill %}", name="Ada") == (
        "<b></b>"
    )


def test_a_part_is_written_once():
    template = (
        engines["django"].from_string("{% still %}{% now 'u' %}{% endstill %}").template
    )

    assert template.render(Context()) == template.render(Context())


def test_pictures_and_addresses_stand_inside():
    text = written(
        "{% still %}<a href=\"{% url 'cohorts:today' %}\">"
        '{% include "components/mark.svg" %}</a>{% endstill %}'
    )

    assert text.startswith('<a href="/today/"><svg ')
