"""Every page as a person meets it: no barrier, no scrolling sideways, one heading.

The pages speak a pseudo-locale, a third longer than English, and hold canaries, which
are long words without a space; so what fits here fits anything.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from tests.pseudo import spoken_in
from tests.walls.addresses import address_of
from tests.walls.routes import to_be_walked

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A page is looked at with the first of these who may open it.
ROLES = ["anonymous", "member", "facilitator", "lead", "reviewer", "funder"]
# These differ by role.
OWN = {"cohorts:today", "cohorts:week", "cohorts:cohort_home", "sessions:room"}
LEFT_OUT = ("admin:", "health", "people:erased")
UNFOLD = "document.querySelectorAll('details').forEach((d) => { d.open = true; })"
TOO_WIDE = """() => {
  const root = document.documentElement, over = root.scrollWidth - root.clientWidth;
  if (over <= 0) return '';
  const out = [...document.querySelectorAll('body *')].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1)
      && !e.closest('.scroll, .hush, .skip');
  });
  return `${over} px too wide: ` + out.slice(-1).map((e) => e.outerHTML.slice(0, 120));
}"""
NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1280, "height": 900}


def pages_of(house):
    """role → addresses, each page once: one for every template, and one's own."""
    clients = {name: Client() for name in ROLES}
    for name, client in clients.items():
        if house.viewers[name].is_authenticated:
            client.force_login(house.viewers[name])
    pages, seen = {name: [] for name in ROLES}, set()
    for route in to_be_walked():
        if route.name.startswith(LEFT_OUT):
            continue
        url = address_of(route, house)
        for name, client in clients.items():
            answer = client.get(url)
            if answer.status_code != 200 or "html" not in answer["Content-Type"]:
                continue
            template = answer.templates[0].name if answer.templates else url
            mine = name if route.name in OWN else ""
            if (template, mine) not in seen:
                seen.add((template, mine))
                pages[name].append(url)
            if not mine:
                break
    return pages, clients


def test_every_page_can_be_read_by_everybody(house, live_server, browser, monkeypatch):
    pages, clients = pages_of(house)
    spoken_in(monkeypatch, "en")
    found = []
    for name, addresses in pages.items():
        context = browser.new_context(
            base_url=live_server.url, viewport=NARROW, locale="en", bypass_csp=True
        )
        if "sessionid" in clients[name].cookies:
            cookie = clients[name].cookies["sessionid"].value
            context.add_cookies(
                [{"name": "sessionid", "value": cookie, "url": live_server.url}]
            )
        page = context.new_page()
        found += [fault for url in addresses for fault in faults(page, url)]
        context.close()

    assert found == [], "\n".join(found)
    assert min(map(len, pages.values())) > 0
    assert sum(map(len, pages.values())) > 80


def faults(page, url):
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    page.goto(url, wait_until="domcontentloaded")
    page.evaluate(UNFOLD)
    root = page.locator("html")
    said = (root.get_attribute("lang"), root.get_attribute("dir"))
    if said != ("en", "ltr"):
        yield f"{url} says it is {said}"
    if (headings := page.locator("h1").count()) != 1:
        yield f"{url} has {headings} first headings"
    if wide := page.evaluate(TOO_WIDE):
        yield f"{url} at 320: {wide}"
    yield from barriers(page, url, "at 320, light")
    page.evaluate("document.documentElement.dir = 'rtl'")
    if wide := page.evaluate(TOO_WIDE):
        yield f"{url} at 320, mirrored: {wide}"
    page.evaluate("document.documentElement.dir = 'ltr'")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(WIDE)
    if wide := page.evaluate(TOO_WIDE):
        yield f"{url} at 1280: {wide}"
    yield from barriers(page, url, "at 1280, dark", runOnly=["color-contrast"])


def barriers(page, url, how, **options):
    # Only what is wrong is told in full; the rest would be most of the work.
    options = {"resultTypes": ["violations"], **options}
    for fault in Axe().run(page, options=options).response["violations"]:
        node = fault["nodes"][0]["html"][:120]
        yield f"{url} {how}: {fault['id']} {node}"
