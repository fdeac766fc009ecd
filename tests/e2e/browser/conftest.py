"""One browser for all tests of a module, and pages that are signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from ...support.browser import DESK, OPTIONS, chromium, sign_in
from ...support.household import Household, furnish
from ...support.installation import ROOT, Installation, Session, World
from ...support.secrets_used import remember

#: Pictures for people; not committed.
ARTIFACTS = ROOT / "artifacts"


@pytest.fixture(scope="session")
def artifacts() -> Path:
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS


@pytest.fixture(scope="session")
def household(installation: Installation, world: World) -> Household:
    return furnish(installation, world)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    # Not for the whole session: other tests run an event loop of their own.
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium_browser = playwright.chromium.launch(executable_path=chromium(), args=OPTIONS)
    yield chromium_browser
    chromium_browser.close()


@contextmanager
def browsers(browser: Browser, installation: Installation) -> Iterator[Callable[..., Page]]:
    """Yield a function that signs a user in, in a browser of its own, and opens a path."""
    contexts = []

    def opened(session: Session, path: str = "/", **options: object) -> Page:
        context = browser.new_context(
            **{
                "viewport": DESK,
                "locale": "en-GB",
                "base_url": installation.url,
                "timezone_id": "America/New_York",
                **options,
            }
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        sign_in(page, session)
        return page

    try:
        yield opened
    finally:
        for context in contexts:
            remember(*(cookie["value"] for cookie in context.cookies()))
            context.close()


@pytest.fixture
def open_page(browser: Browser, installation: Installation) -> Iterator[Callable[..., Page]]:
    with browsers(browser, installation) as opened:
        yield opened


@pytest.fixture(scope="module")
def tab(browser: Browser, installation: Installation, household: Household) -> Iterator[Page]:
    """One page for many addresses, signed in once."""
    with browsers(browser, installation) as opened:
        yield opened(household.session)


@pytest.fixture(scope="module")
def admin_tab(browser: Browser, installation: Installation, world: World) -> Iterator[Page]:
    with browsers(browser, installation) as opened:
        yield opened(world.admin)


@pytest.fixture(scope="module")
def dead_letter(household: Household, installation: Installation, world: World) -> Iterator[None]:
    """A message that was rejected, which the page of incoming data lists."""
    before = world.ledger()
    at = "2026-03-15T00:00:00Z"
    installation.publish({"device_id": household.flat, "timestamp": at, "measurement_value": -1})
    world.await_received(before, 1)
    yield
    installation.take_dead_letters()


@pytest.fixture
def at(household: Household, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """The energy page of the household's first meter at an address."""

    def opened(query: str, **options: object) -> Page:
        path = f"/energy?device={household.flat}&{query}"
        return open_page(household.session, path, **options)

    return opened
