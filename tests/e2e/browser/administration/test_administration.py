"""The administrators' pages in a real browser."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Page, expect

from service_kit.testing.waiting import wait_until

from ....support.installation import Installation, World

#: An empty list of devices is read again after this time.
EMPTY_LIST_EVERY_MS = 15_000


def submit(page: Page) -> None:
    """Send the dialog and wait until it closes."""
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("dialog-submit")).to_have_count(0, timeout=20_000)


def test_a_device_that_an_administrator_assigns_appears_on_the_clients_page(
    installation: Installation, world: World, open_page, artifacts: Path
):
    username, password = f"tenant-{uuid4().hex[:8]}", f"a-{uuid4().hex}"
    admin = open_page(world.admin, "/manage/users")
    admin.get_by_test_id("user-create").click()
    admin.get_by_label("Username").fill(username)
    admin.get_by_role("textbox", name="Password").fill("123")
    admin.get_by_test_id("dialog-submit").click()
    # A rejected field names the reason, and the dialog stays open.
    expect(admin.get_by_text("too short", exact=False)).to_be_visible()
    admin.get_by_role("textbox", name="Password").fill(password)
    submit(admin)
    admin.get_by_test_id("search").fill(username)
    expect(admin.locator("tbody tr")).to_have_count(1)
    admin.screenshot(path=artifacts / "admin-users.png")

    client = installation.session(username, password)
    wait_until(lambda: client.get("/api/monitoring/devices/").status_code == 200)
    tenant = open_page(client, "/energy")
    tenant.clock.install()
    tenant.reload()
    expect(tenant.get_by_test_id("no-devices")).to_be_visible()

    admin.goto(installation.url + "/manage/devices")
    admin.get_by_test_id("device-create").click()
    admin.get_by_label("Name", exact=False).first.fill("Flat 7, main meter")
    admin.get_by_label("Serial number").fill(uuid4().hex)
    submit(admin)
    # In stock: every step of the table and no other.
    steps = admin.get_by_test_id("steps").get_by_role("button")
    expect(steps).to_have_text(["Deploy", "Reserve", "Send to maintenance", "Retire"])
    admin.get_by_test_id("step-deploy").click()
    admin.get_by_test_id("dialog-submit").click()
    expect(admin.get_by_text("This field is required.")).to_be_visible()
    admin.get_by_label("Location").fill("Lindenweg 7")
    submit(admin)
    expect(steps).to_have_text(["Send to maintenance", "Return to stock"])

    admin.get_by_test_id("assign-user").click()
    admin.get_by_test_id("assign-user").fill(username)
    admin.get_by_role("option", name=username).click()
    admin.get_by_test_id("assign").click()
    expect(admin.get_by_test_id("assignment-end")).to_have_count(1)
    expect(admin.get_by_test_id("history").locator("li")).to_have_count(3)
    admin.screenshot(path=artifacts / "admin-device.png", full_page=True)

    wait_until(lambda: client.get("/api/monitoring/devices/").json()["count"] == 1)
    # The list is read again by itself, without a reload.
    tenant.clock.fast_forward(EMPTY_LIST_EVERY_MS)
    expect(tenant.get_by_test_id("no-devices")).to_be_hidden()

    admin.get_by_test_id("assignment-end").click()
    submit(admin)
    expect(admin.get_by_test_id("assignment-end")).to_have_count(0)
    assert client.get("/api/devices/").json()["count"] == 0
