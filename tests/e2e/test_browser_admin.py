"""The administrators' pages in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from .installation import Installation, Session, World, eventually
from .test_browser import CHROMIUM, DESK, OPTIONS

PAGES = ("/manage/users", "/manage/devices", "/manage/ingestion", "/manage/security")


@pytest.fixture(scope="module")
def sign_in(installation: Installation) -> Iterator[Callable[..., Page]]:
    """Log in as somebody, each in a browser of their own, and open a path."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)

        def opened(session: Session, path: str, **options: object) -> Page:
            page = browser.new_context(
                **{"viewport": DESK, "locale": "en-GB", **options}
            ).new_page()
            page.goto(installation.url + path)
            page.get_by_test_id("login-username").fill(session.username)
            page.get_by_test_id("login-password").fill(session.password)
            page.get_by_test_id("login-submit").click()
            expect(page.get_by_test_id("user-menu")).to_be_visible()
            return page

        yield opened
        browser.close()


def submit(page: Page) -> None:
    """Send the dialog, which closes when it was done."""
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("dialog-submit")).to_have_count(0, timeout=20_000)


def test_an_administrator_makes_a_user_and_a_device_and_the_clients_page_changes(
    installation: Installation, world: World, sign_in, artifacts: Path
):
    username, password = f"tenant-{uuid4().hex[:8]}", f"a-{uuid4().hex}"
    admin = sign_in(world.admin, "/manage/users")
    admin.get_by_test_id("user-create").click()
    admin.get_by_label("User name").fill(username)
    admin.get_by_role("textbox", name="Password").fill("123")
    admin.get_by_test_id("dialog-submit").click()
    # A refused field says why, and keeps the dialog.
    expect(admin.get_by_text("too short", exact=False)).to_be_visible()
    admin.get_by_role("textbox", name="Password").fill(password)
    submit(admin)
    admin.get_by_test_id("search").fill(username)
    expect(admin.locator("tbody tr")).to_have_count(1)
    admin.screenshot(path=artifacts / "admin-users.png")

    client = installation.session(username, password)
    eventually(lambda: client.get("/api/monitoring/devices/").status_code == 200)
    tenant = sign_in(client, "/energy")
    expect(tenant.get_by_test_id("no-devices")).to_be_visible()

    admin.goto(installation.url + "/manage/devices")
    admin.get_by_test_id("device-create").click()
    admin.get_by_label("Name", exact=False).first.fill("Flat 7, main meter")
    admin.get_by_label("Serial number").fill(uuid4().hex)
    submit(admin)
    # In stock: every step of the table and no other.
    steps = admin.get_by_test_id("steps").get_by_role("button")
    expect(steps).to_have_text(["Deploy", "Reserve", "To maintenance", "Retire"])
    admin.get_by_test_id("step-deploy").click()
    admin.get_by_test_id("dialog-submit").click()
    expect(admin.get_by_text("Fill this in.")).to_be_visible()
    admin.get_by_label("Where is it deployed?").fill("Lindenweg 7")
    submit(admin)
    expect(steps).to_have_text(["To maintenance", "Back to stock"])

    admin.get_by_test_id("assign-user").click()
    admin.get_by_test_id("assign-user").fill(username)
    admin.get_by_role("option", name=username).click()
    admin.get_by_test_id("assign").click()
    expect(admin.get_by_test_id("assignment-end")).to_have_count(1)
    expect(admin.get_by_test_id("history").locator("li")).to_have_count(3)
    admin.screenshot(path=artifacts / "admin-device.png", full_page=True)

    # By itself, without a reload.
    expect(tenant.get_by_test_id("no-devices")).to_be_hidden(timeout=30_000)

    admin.get_by_test_id("assignment-end").click()
    submit(admin)
    expect(admin.get_by_test_id("assignment-end")).to_have_count(0)
    assert client.get("/api/devices/").json()["count"] == 0


def test_a_file_is_imported_after_its_report_was_seen(world: World, sign_in, artifacts: Path):
    admin = sign_in(world.admin, "/manage/devices")
    header = "name,device_type,serial_number\n"
    right = "".join(f"Imported,sub_meter,{uuid4().hex}\n" for _ in range(3))
    summary = admin.get_by_test_id("import-summary")
    admin.get_by_test_id("device-import").click()

    def choose(text: str) -> None:
        file = {"name": "devices.csv", "mimeType": "text/csv", "buffer": text.encode()}
        admin.get_by_test_id("import-file").set_input_files(file)

    choose(f"{header}{right}Broken,toaster,x\n")
    expect(summary).to_have_attribute("data-refused", "1")
    expect(admin.get_by_test_id("import-commit")).to_be_disabled()
    admin.screenshot(path=artifacts / "admin-import.png")
    before = world.admin.get("/api/devices/").json()["count"]

    choose(header + right)
    expect(summary).to_have_attribute("data-refused", "0")
    assert world.admin.get("/api/devices/").json()["count"] == before
    admin.get_by_test_id("import-commit").click()
    expect(admin.get_by_test_id("done")).to_have_text("3 devices were imported.")
    assert world.admin.get("/api/devices/").json()["count"] == before + 3


def test_a_dead_letter_is_shown_with_its_reason_and_sent_again(
    installation: Installation, world: World, sign_in, artifacts: Path
):
    text = f"no reading {uuid4().hex}"
    before = world.ledger()["rejected"]
    installation.publish(text.encode())
    eventually(lambda: world.ledger()["rejected"] == before + 1)
    admin = sign_in(world.admin, "/manage/ingestion")
    letter = admin.get_by_test_id("dead-letters").locator("li", has_text=text)
    expect(letter).to_have_attribute("data-reason", "not_json")
    expect(admin.get_by_test_id("ledger")).to_contain_text("Balanced")
    admin.screenshot(path=artifacts / "admin-ingestion.png", full_page=True)

    letter.get_by_test_id("replay-one").click()

    expect(admin.get_by_test_id("replayed")).to_contain_text("Sent again: 1")
    # It is still no reading.
    eventually(lambda: world.ledger()["rejected"] == before + 2)


@pytest.mark.parametrize("path", PAGES)
def test_to_a_client_the_administrators_pages_do_not_exist(path: str, world: World, sign_in):
    client, _ = world.client("curious")
    page = sign_in(client, path)
    expect(page.get_by_text("There is no such page.")).to_be_visible()
    expect(page.get_by_role("link", name="Users")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("dark", {"color_scheme": "dark"}),
        ("narrow", {"viewport": {"width": 360, "height": 740}}),
    ],
)
def test_the_administrators_pages_fit_a_phone_and_the_dark(
    name: str, options, installation: Installation, world: World, sign_in, artifacts: Path
):
    page = sign_in(world.admin, PAGES[0], **options)
    for path in PAGES:
        page.goto(installation.url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_label("Loading")).to_have_count(0)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], path
        page.screenshot(path=artifacts / f"admin-{path[8:]}-{name}.png", full_page=True)
