"""The own account in real browsers: with cookies, and in two of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ....support.browser import DESK
from ....support.installation import Installation, World
from ....support.secrets_used import remember

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def contexts(browser: Browser, installation: Installation) -> Iterator[list[BrowserContext]]:
    """Two browsers of one person, the second one on another device."""
    options = {"base_url": installation.url, "locale": "en-GB", "viewport": DESK}
    both = [browser.new_context(**options), browser.new_context(**options, user_agent=FIREFOX)]
    yield both
    for context in both:
        remember(*(cookie["value"] for cookie in context.cookies()))
        context.close()


def log_in(page: Page, username: str, password: str) -> None:
    page.get_by_test_id("login-username").fill(username)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_test_id("login-submit").click()


def sessions(page: Page) -> list[str]:
    return page.get_by_test_id("sessions").locator("tbody th").all_inner_texts()


def test_a_newcomer_registers_changes_the_password_and_logs_out_everywhere(
    contexts: list[BrowserContext],
):
    username, first, second = f"dana-{uuid4().hex[:8]}", f"a-{uuid4().hex}", f"b-{uuid4().hex}"
    remember(first, second)
    here, phone = (context.new_page() for context in contexts)

    here.goto("/energy?period=month")
    here.get_by_test_id("register").click()
    here.get_by_label("Username").fill(username)
    here.get_by_role("textbox", name="Password").fill(first)
    here.get_by_test_id("register-submit").click()
    expect(here.get_by_test_id("no-devices")).to_contain_text("Ask your administrator")
    expect(here).to_have_url(re.compile(r"/energy\?period=month"))

    phone.goto("/profile")
    log_in(phone, username, first)
    expect(phone.get_by_test_id("sessions")).to_be_visible()

    here.get_by_test_id("user-menu").click()
    here.get_by_test_id("own-account").click()
    here.get_by_label("First name").fill("Dana")
    here.get_by_test_id("save-details").click()
    expect(here.get_by_test_id("user-menu")).to_contain_text("Dana")
    expect(here.get_by_test_id("sessions").locator("tbody tr")).to_have_count(2)
    assert [text.splitlines()[0] for text in sessions(here)] == [
        "Firefox on Linux",
        "Chrome on Linux",
    ]
    assert "This session" in sessions(here)[1]

    here.get_by_label("Current password").fill(first)
    here.get_by_label("New password").fill(second)
    here.get_by_test_id("change-password").click()
    expect(here.get_by_test_id("sessions").locator("tbody tr")).to_have_count(1)
    expect(phone.get_by_text("Your session has ended", exact=False)).to_be_visible()

    log_in(phone, username, second)
    expect(phone.get_by_test_id("sessions").locator("tbody tr")).to_have_count(2)
    phone.get_by_test_id("log-out-everywhere").click()
    phone.get_by_test_id("dialog-submit").click()
    for page in (here, phone):
        expect(page.get_by_test_id("login-submit")).to_be_visible()


def test_a_logout_leaves_the_users_other_browser_logged_in(
    contexts: list[BrowserContext], world: World
):
    client, _ = world.client("two-browsers")
    here, phone = (context.new_page() for context in contexts)
    for page in (here, phone):
        page.goto("/profile")
        log_in(page, client.username, client.password)
        expect(page.get_by_test_id("sessions")).to_be_visible()

    here.get_by_test_id("user-menu").click()
    here.get_by_test_id("logout").click()
    expect(here.get_by_test_id("login-submit")).to_be_visible()

    phone.get_by_label("First name").fill("Dana")
    phone.get_by_test_id("save-details").click()
    expect(phone.get_by_test_id("done")).to_be_visible()
    phone.reload()
    expect(phone.get_by_label("First name")).to_have_value("Dana")


def test_language_and_theme_follow_the_user_to_another_browser(
    contexts: list[BrowserContext], world: World
):
    client, _ = world.client("polyglot")
    here, phone = (context.new_page() for context in contexts)
    here.goto("/profile")
    log_in(here, client.username, client.password)
    here.get_by_test_id("own-look").get_by_text("Dark").click()
    here.get_by_test_id("own-look").get_by_text("Română").click()
    expect(here.locator("html")).to_have_attribute("lang", "ro")

    phone.goto("/profile")
    log_in(phone, client.username, client.password)

    expect(phone.locator("html")).to_have_attribute("lang", "ro")
    expect(phone.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Contul dumneavoastră")
