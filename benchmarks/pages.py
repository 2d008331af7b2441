"""What each page costs, beside a bare view that does the least possible.

    .venv/bin/python -m benchmarks.pages [--programs 3] [--rounds 40] [--json FILE]

Seeds a database of its own from a fixed seed, starts the real server on one
thread, and asks for each page in turn, round after round, so that a slow moment of
the machine falls on all alike. CPU and SQL are counted inside the server. Only
the ratio to the limit row, taken in the same run, means anything elsewhere.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import brotli

from benchmarks import server

# page → the most it may cost: times the limit, queries
GOALS = {
    "today": (None, 12),
    "cohort home": (None, None),
    "applications, 50 of 5,000": (3, 10),
    "one application": (4, 10),
    "review form": (4, 12),
    "post a review": (4, 12),
    "library search": (None, None),
    "dashboard": (2, 6),
    "post a check-in": (4, None),
    # In the circle of the demo program, where every room has been lived in.
    "charter": (4, None),
    "charter, 40 clauses, 30 versions": (4, 12),
    "charter, two versions side by side": (None, 12),
    "decision": (4, None),
    "charter's review": (4, None),
    "sessions": (3, None),
    "session ahead": (4, None),
    "session held": (4, None),
    "session as a file": (4, None),
    "live room": (4, None),
    "check-ins": (3, None),
    "promises": (3, None),
    "thanks": (3, None),
    "updates": (3, None),
    "requests": (3, None),
    "me": (4, None),
    "my hours": (4, None),
    "what reaches me": (4, None),
    "week of a facilitator": (4, None),
}


@dataclass
class Page:
    name: str
    path: str
    key: str = ""  # the session of whoever asks
    form: dict[str, str] | None = None
    # Where each round goes, for what can be done only once to each.
    paths: Iterator[str] | None = None
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    queries: int = 0
    body: bytes = b""


class Browser:
    """Asks for pages over one connection, with a session and a CSRF cookie."""

    def __init__(self, url: str) -> None:
        self.host = urlsplit(url).netloc
        self.url = url
        self.connection = http.client.HTTPConnection(self.host, timeout=30)

    def ask(self, page: Page, *, counts: bool) -> None:
        token = "a" * 32
        headers = {"Cookie": f"sessionid={page.key}; csrftoken={token}"}
        body = None
        if page.form is not None:
            form = {**page.form, "client_key": str(uuid4())}
            body = urlencode({**form, "csrfmiddlewaretoken": token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        path = page.path if page.paths is None else next(page.paths)
        began = time.perf_counter()
        self.connection.request("GET" if body is None else "POST", path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status not in (200, 302):
            raise SystemExit(f"{page.name}: {path} answered {answer.status}")
        if counts:
            page.cpu.append(float(answer.headers["X-CPU-ms"]))
            page.wall.append(took)
            page.queries = int(answer.headers["X-SQL"])
            page.body = text


def pages_of(known: Any, keys: dict[str, str]) -> list[Page]:
    cohort = f"/c/{known.cohort.slug}"
    call = f"/f/calls/{known.intake.slug}/applications/"
    review = f"/f/calls/{known.intake.slug}/review/"
    return [
        Page("limit", "/limit/"),
        Page("today", "/today/", keys["member"]),
        Page("cohort home", f"{cohort}/", keys["member"]),
        Page("applications, 50 of 5,000", call, keys["lead"]),
        Page("one application", f"{call}{known.application.pk}/", keys["lead"]),
        Page("review form", f"{review}{known.copies[-1].pk}/", keys["lead"]),
        Page(
            "post a review",
            review,
            keys["lead, who posts"],
            form=reading_of(known.intake),
            paths=(f"{review}{copy.pk}/" for copy in known.copies),
        ),
        Page("library search", "/library/?q=clinic", keys["member"]),
        Page("dashboard", f"/evidence/{known.program.slug}/", keys["funder"]),
        Page(
            "post a check-in",
            f"{cohort}/check-ins/new/",
            keys["member, who posts"],
            form={"mood": "steady", "edge": "one line is plenty"},
        ),
    ]


def circle_pages() -> list[Page]:
    """The rooms of a cohort, as its people left them in the demo program."""
    from benchmarks import seed
    from charters.models import ConsentRound
    from cohorts.models import Membership
    from sessions.models import RitualSession

    why = "the benchmark chooses what to ask for"
    asked = ConsentRound.objects.unsealed(why).open().order_by("pk")[0]
    held = RitualSession.objects.unsealed(why).filter(cohort=asked.cohort_id)
    seats = Membership.objects.active().filter(cohort=asked.cohort_id)
    others = seats.exclude(pk=asked.amendment.proposer_id).select_related("person")
    member = seed.session_key(others.filter(role="member").order_by("pk")[0].person)
    facilitator = seed.session_key(others.filter(role="facilitator")[0].person)
    home = f"/c/{asked.cohort.slug}"
    ahead = f"{home}/sessions/{held.planned().order_by('-starts_at')[0].number}/"
    over = f"{home}/sessions/{held.filter(state='closed').latest('number').number}/"
    live = RitualSession.objects.unsealed(why).live()[0]
    inside = Membership.objects.active().filter(cohort=live.cohort, role="member")
    return [
        Page("charter", f"{home}/charter/", member),
        Page("decision", f"{home}/decisions/{asked.amendment_id}/", member),
        Page("charter's review", f"{home}/charter/review/", member),
        Page("sessions", f"{home}/sessions/", member),
        Page("session ahead", ahead, member),
        Page("session held", over, member),
        Page("session as a file", f"{ahead}session.ics", member),
        Page(
            "live room",
            f"/c/{live.cohort.slug}/sessions/{live.number}/live/",
            seed.session_key(inside.select_related("person")[0].person),
        ),
        Page("check-ins", f"{home}/check-ins/", member),
        Page("promises", f"{home}/promises/", member),
        Page("thanks", f"{home}/thanks/", member),
        Page("updates", f"{home}/updates/", member),
        Page("requests", f"{home}/requests/", member),
        Page("me", "/me/", member),
        Page("my hours", "/me/hours/", member),
        Page("what reaches me", "/me/notices/", member),
        Page("week of a facilitator", "/f/", facilitator),
    ]


def long_charter_pages(known: Any) -> list[Page]:
    """A charter that many rooms look at, in a circle that is not measured otherwise."""
    from django.utils import timezone

    from benchmarks import long_charter, seed
    from charters.models import Charter
    from cohorts.models import Cohort, Membership

    why = "the benchmark chooses what to ask for"
    written = Charter.objects.unsealed(why).values("cohort")
    cohort = (
        Cohort.objects.exclude(pk=known.cohort.pk)
        .exclude(pk__in=written)
        .filter(program=known.program)
        .order_by("pk")[0]
    )
    asked = long_charter.grow(cohort, now=timezone.now())
    reader = (
        Membership.objects.active()
        .filter(cohort=cohort)
        .exclude(pk=asked.amendment.proposer_id)
        .select_related("person")[0]
    )
    key = seed.session_key(reader.person)
    charter = f"/c/{cohort.slug}/charter/"
    return [
        Page("charter, 40 clauses, 30 versions", charter, key),
        Page("charter, two versions side by side", f"{charter}diff/1/30/", key),
    ]


def scored(intake: Any) -> None:
    """Two of three have been read: the list shows their scores and the ranges."""
    from cohorts.models import Standing

    rows = Standing.objects.unsealed("the benchmark's own rows").filter(intake=intake)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    read = [key for number, key in enumerate(keys) if number % 3]
    rows.filter(pk__in=read).update(
        score=2.6, corrected=2.75, surely_from=2.4, surely_to=3.1
    )


def reading_of(intake: Any) -> dict[str, str]:
    """A level and its line for each criterion, as the form names them."""
    form = {"note": "", "edition": "0"}
    for criterion in intake.criteria.all():
        form[f"level_{criterion.pk.hex}"] = "3"
        form[f"evidence_{criterion.pk.hex}"] = "They said so in the second answer."
    return form


def row(page: Page, limit: float) -> dict[str, Any]:
    cpu = statistics.median(page.cpu)
    centiles = statistics.quantiles(page.wall, n=20)
    times, queries = GOALS.get(page.name, (None, None))
    return {
        "page": page.name,
        "cpu_ms": round(cpu, 2),
        "times_limit": round(cpu / limit, 2),
        "goal": times,
        "sql": page.queries,
        "sql_goal": queries,
        "bytes": len(page.body),
        "gz": len(gzip.compress(page.body, 9)),
        "br": len(brotli.compress(page.body)),
        "p50_ms": round(statistics.median(page.wall), 2),
        "p95_ms": round(centiles[-1], 2),
    }


def measure(pages: list[Page], url: str, *, rounds: int) -> list[dict[str, Any]]:
    browser = Browser(url)
    for number in range(-5, rounds):  # the first five warm up
        for page in pages:
            browser.ask(page, counts=number >= 0)
    limit = statistics.median(pages[0].cpu)
    return [row(page, limit) for page in pages]


def as_table(rows: list[dict[str, Any]]) -> str:
    heads = list(rows[0])
    cells = [heads, *([str("" if r[h] is None else r[h]) for h in heads] for r in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads))]
    return "\n".join(
        "  ".join(
            text.ljust(width) if i == 0 else text.rjust(width)
            for i, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in cells
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--programs", type=int, default=3)
    asked.add_argument("--rounds", type=int, default=40)
    asked.add_argument("--json", type=Path)
    asked.add_argument("--only", help="pages whose name holds this word, and the limit")
    given = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        server.ground(Path(folder)) as environment,
    ):
        os.environ.update(environment)
        import django

        django.setup()
        from django.utils import timezone

        from benchmarks import seed
        from cohortsite.demo import filling

        began = time.monotonic()
        known = seed.fill(given.programs)
        scored(known.intake)
        filling.fill(now=timezone.now())
        keys = {
            name: seed.session_key(getattr(known, name))
            for name in ("member", "lead", "funder")
        }
        # On a device of their own: what a post says at the top of the next page
        # is not told to pages that are measured without it.
        for name in ("member", "lead"):
            keys[f"{name}, who posts"] = seed.session_key(getattr(known, name))
        print(f"seeded {given.programs} programs in {time.monotonic() - began:.0f} s")
        with server.served(environment) as url:
            pages = [
                *pages_of(known, keys),
                *circle_pages(),
                *long_charter_pages(known),
            ]
            if given.only:
                pages = [p for p in pages if p.name == "limit" or given.only in p.name]
            rows = measure(pages, url, rounds=given.rounds)
    print(as_table(rows))
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
