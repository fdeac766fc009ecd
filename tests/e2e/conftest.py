"""One installation for all end-to-end tests, brought up from an empty home by `./ems`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from .browser import DESK, OPTIONS, chromium, sign_in
from .energy_fixtures import Household, furnish
from .installation import ROOT, Installation, Session, World
from .secrets_used import remember, remembering

#: Pictures for people; not committed.
ARTIFACTS = ROOT / "artifacts"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what looks back on all the others last."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "last: looks back on all other tests")


@pytest.fixture(scope="session", autouse=True)
def secrets_remembered() -> Iterator[None]:
    with remembering():
        yield


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    home = Path(os.environ["EMS_TEST_HOME"])
    shutil.rmtree(home, ignore_errors=True)
    installation = Installation(home, int(os.environ["EMS_PORT"]))
    installation.ems("up", "--detach", "--no-demo")
    yield installation
    installation.ems("down")


@pytest.fixture(scope="session")
def world(installation: Installation) -> World:
    return World(installation)


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Real meter readings, which are not part of the project."""
    folder = Path(os.environ.get("REAL_READINGS_DIR", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        reason = f"no real readings at {folder} (REAL_READINGS_DIR)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


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
    """Log in as somebody, each in a browser of their own, and open a path."""
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


@pytest.fixture
def at(household: Household, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """The energy page of the household's first meter at an address."""

    def opened(query: str, **options: object) -> Page:
        path = f"/energy?device={household.flat}&{query}"
        return open_page(household.session, path, **options)

    return opened
