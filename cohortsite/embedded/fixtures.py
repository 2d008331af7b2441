"""The fixtures of `cohortsite.embedded.testing`."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from cohortsite.embedded.browser import FLAGS, find_chromium
from cohortsite.embedded.testing import ground


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, pytestconfig: pytest.Config
) -> Iterator[None]:
    """A copy of the template for this process, in place of pytest-django's own."""
    pytestconfig.stash[ground].clone_database()
    yield
    pytestconfig.stash[ground].drop_database()


@pytest.fixture(autouse=True)
def fresh_valkey(pytestconfig: pytest.Config) -> Iterator[None]:
    """Rate limits and caches of one test are no business of the next."""
    yield
    pytestconfig.stash[ground].empty_valkey()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, driven by Playwright. Mark the test `browser`."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=FLAGS
        )
        yield chromium
        chromium.close()
