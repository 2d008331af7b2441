"""What Today weighs on the wire, and how many requests it asks for."""

import re
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders

KB = 1024


def weight(raw: bytes) -> int:
    return len(brotli.compress(raw, quality=11))


def static_bytes(url: str) -> bytes:
    name = url.removeprefix("/static/")
    found = finders.find(name) or finders.find(
        re.sub(r"\.[0-9a-f]{12}(\.\w+)$", r"\1", name)
    )
    assert found, f"{url} is no static file"
    return Path(found).read_bytes()


@pytest.fixture
def page(client, birch):
    client.force_login(birch.ada.person)
    return client.get("/today/").content


@pytest.fixture
def sheets(page):
    return re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.decode())


@pytest.fixture
def scripts(page):
    return re.findall(r'<script src="([^"]+)"', page.decode())


def test_the_page_weighs_at_most_six_kilobytes(page):
    assert weight(page) <= 6 * KB


def test_the_styles_weigh_at_most_six_kilobytes(sheets):
    assert sum(weight(static_bytes(url)) for url in sheets) <= 6 * KB


def test_the_scripts_weigh_at_most_twenty_kilobytes(scripts):
    assert sum(weight(static_bytes(url)) for url in scripts) <= 20 * KB


def test_today_asks_for_four_things_at_most(page, sheets, scripts):
    images = re.findall(r"<img\b", page.decode())

    assert 1 + len(sheets) + len(scripts) + len(images) <= 4


def test_nothing_comes_from_elsewhere_and_nothing_is_inline(page):
    text = page.decode()

    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', text) == []
    assert re.findall(r"<style|\sstyle=|<script(?! src)", text) == []


def test_our_own_script_is_two_kilobytes_and_a_half():
    # The rule of focus, and the outbox of a phone.
    assert weight(static_bytes("/static/js/house.js")) <= 2.5 * KB
