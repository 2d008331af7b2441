"""The house behind a meter: CPU and SQL of each request, told in headers.

Only the benchmarks serve this. `/limit/` beside it is the bare view that every
page is compared with: no middleware, one indexed query, a template of 50 rows.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cohortsite.settings")

from django.db import connection
from django.template import Context, Engine, Template

from cohortsite.wsgi import application as house

LIMIT = """<!doctype html><title>limit</title><ul>{% for p in people %}
<li><a href="/people/{{ p.pk }}/">{{ p.called }}</a> {{ p.email }} {{ p.timezone }}
<time>{{ p.date_joined|date:"Y-m-d" }}</time></li>{% endfor %}</ul>"""
limit_template: Template = Engine(autoescape=True).from_string(LIMIT)


def application(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    counter = Counter()
    began = time.thread_time()
    with connection.execute_wrapper(counter):
        if environ["PATH_INFO"] == "/limit/":
            status, headers, body = "200 OK", [("Content-Type", "text/html")], limit()
        else:
            status, headers, body = answer_of_the_house(environ)
    spent = (time.thread_time() - began) * 1000
    start_response(
        status,
        [*headers, ("X-CPU-ms", f"{spent:.3f}"), ("X-SQL", str(counter.queries))],
    )
    return body


class Counter:
    """Counts the queries of one request."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable, *args: Any) -> Any:
        self.queries += 1
        return execute(*args)


def limit() -> list[bytes]:
    from people.models import User

    people = User.objects.order_by("pk")[:50]
    page = limit_template.render(Context({"people": people})).encode()
    connection.close()  # the house gives its connection back, too
    return [page]


def answer_of_the_house(environ: dict[str, Any]) -> tuple[str, list, list[bytes]]:
    told: list[Any] = []

    def start_response(status: str, headers: list, *_: Any) -> Any:
        told.extend((status, headers))

    answer = house(environ, start_response)
    try:
        body = list(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return told[0], told[1], body
