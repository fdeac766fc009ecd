"""Django's admin of the three services as administrators see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ....support.audits import violations
from ....support.browser import DESK, PHONE
from ....support.installation import Installation, World

SERVICES = {"auth": "Energy · Accounts", "devices": "Energy · Devices"}
SERVICES["monitoring"] = "Energy · Monitoring"


def looked_at(page: Page, name: str, artifacts: Path) -> list[str]:
    """Return the faults of the page in each size and colour, and write its pictures."""
    faults = []
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            page.evaluate("Promise.allSettled(document.getAnimations().map(a => a.finished))")
            look = f"django-{name}-{colours}-{size['width']}"
            page.screenshot(path=artifacts / f"{look}.png", full_page=True)
            faults += [f"{look}: {fault}" for fault in violations(page)]
    return faults


@pytest.mark.parametrize("service", SERVICES)
def test_the_login_of_the_admin_has_the_platforms_look_and_no_empty_error(
    service: str, browser: Browser, installation: Installation, artifacts: Path
):
    page = browser.new_page(base_url=installation.url)
    page.goto(f"/admin/{service}/")

    expect(page).to_have_title(f"Log in · {SERVICES[service]}")
    expect(page.locator("#site-name")).to_have_text(SERVICES[service])
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    expect(page.locator("#note")).to_be_hidden()
    faults = looked_at(page, f"{service}-login", artifacts)
    form = page.locator("#sign-in").bounding_box()
    for field in ("#username", "#password", "[type=submit]"):
        box = page.locator(field).bounding_box()
        assert form and box and box["width"] == pytest.approx(form["width"], abs=1), field
    brand = page.locator("[type=submit]").evaluate("e => getComputedStyle(e).backgroundColor")
    assert brand == "rgb(11, 122, 103)"

    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("Wrong username or password.")
    page.context.close()
    assert faults == []


def test_the_pages_of_the_admin_are_readable_in_every_colour_and_size(
    browser: Browser, installation: Installation, world: World, artifacts: Path
):
    page = browser.new_page(base_url=installation.url)
    page.goto("/admin/auth/")
    page.get_by_label("Username").fill(world.admin.username)
    page.get_by_label("Password").fill(world.admin.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Sessions", exact=True)).to_be_visible()
    faults = []
    for name, path in {
        "auth": "auth/",
        "users": "auth/authentication/user/",
        "user": "auth/authentication/user/add/",
        "devices": "devices/",
        "monitoring": "monitoring/",
    }.items():
        page.goto(f"/admin/{path}")
        # The first page of a service logs in by itself.
        expect(page.get_by_role("button", name="Log out")).to_be_visible()
        faults += looked_at(page, name, artifacts)
    page.goto("/admin/devices/")
    expect(page.get_by_role("link", name="Log entries", exact=True)).to_be_visible()
    page.context.close()
    assert faults == []
