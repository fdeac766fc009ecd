"""The administrators' pages in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from .installation import Installation, World, eventually

PAGES = ("/manage/users", "/manage/devices", "/manage/ingestion", "/manage/security")


def submit(page: Page) -> None:
    """Send the dialog, which closes when it was done."""
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("dialog-submit")).to_have_count(0, timeout=20_000)


def test_a_device_that_an_administrator_assigns_appears_on_the_clients_page(
    installation: Installation, world: World, open_page, artifacts: Path
):
    username, password = f"tenant-{uuid4().hex[:8]}", f"a-{uuid4().hex}"
    admin = open_page(world.admin, "/manage/users")
    admin.get_by_test_id("user-create").click()
    admin.get_by_label("User name").fill(username)
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
    eventually(lambda: client.get("/api/monitoring/devices/").status_code == 200)
    tenant = open_page(client, "/energy")
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


def test_an_administrator_imports_a_file_after_the_report(world: World, open_page, artifacts: Path):
    admin = open_page(world.admin, "/manage/devices")
    header = "name,device_type,serial_number\n"
    right = "".join(f"Imported,sub_meter,{uuid4().hex}\n" for _ in range(3))
    summary = admin.get_by_test_id("import-summary")
    admin.get_by_test_id("device-import").click()

    def choose(text: str) -> None:
        file = {"name": "devices.csv", "mimeType": "text/csv", "buffer": text.encode()}
        admin.get_by_test_id("import-file").set_input_files(file)

    choose(f"{header}{right}Broken,toaster,x\n")
    expect(summary).to_have_attribute("data-rejected", "1")
    expect(admin.get_by_test_id("import-commit")).to_be_disabled()
    admin.screenshot(path=artifacts / "admin-import.png")
    before = world.admin.get("/api/devices/").json()["count"]

    choose(header + right)
    expect(summary).to_have_attribute("data-rejected", "0")
    assert world.admin.get("/api/devices/").json()["count"] == before
    admin.get_by_test_id("import-commit").click()
    expect(admin.get_by_test_id("done")).to_have_text("3 devices were imported.")
    assert world.admin.get("/api/devices/").json()["count"] == before + 3


def test_a_dead_letter_is_shown_with_its_reason_and_sent_again(
    installation: Installation, world: World, open_page, artifacts: Path
):
    text = f"no reading {uuid4().hex}"
    before = world.ledger()["rejected"]
    installation.publish(text.encode())
    eventually(lambda: world.ledger()["rejected"] == before + 1)
    admin = open_page(world.admin, "/manage/ingestion")
    letter = admin.get_by_test_id("dead-letters").locator("li", has_text=text)
    expect(letter).to_have_attribute("data-reason", "not_json")
    expect(admin.get_by_test_id("ledger")).to_contain_text("Balanced")
    admin.screenshot(path=artifacts / "admin-ingestion.png", full_page=True)

    letter.get_by_test_id("replay-one").click()

    expect(admin.get_by_test_id("replayed")).to_contain_text("Sent again: 1")
    # It is still no reading.
    eventually(lambda: world.ledger()["rejected"] == before + 2)


#: Every step that a status may take, the usual one first.
STEPS = {
    "in_stock": ["Deploy", "Reserve", "To maintenance", "Retire"],
    "reserved": ["Deploy", "Back to stock"],
    "deployed": ["To maintenance", "Back to stock"],
    "maintenance": ["Deploy", "Back to stock", "Retire"],
}


def test_a_device_offers_the_steps_of_its_status_and_lists_them_in_its_history(
    world: World, open_page, artifacts: Path
):
    device_id = world.device(name="Meter with a life")
    admin = open_page(world.admin, f"/manage/devices/{device_id}")
    buttons = admin.get_by_test_id("steps").get_by_role("button")
    walk = [
        ("in_stock", "reserve"),
        ("reserved", "deploy"),
        ("deployed", "maintenance"),
        ("maintenance", "retire"),
    ]
    for status, step in walk:
        expect(buttons).to_have_text(STEPS[status])
        admin.get_by_test_id(f"step-{step}").click()
        if step == "deploy":
            admin.get_by_label("Where is it deployed?").fill("Hall 3")
        submit(admin)
    expect(buttons).to_have_count(0)
    expect(admin.get_by_text("Retired is final", exact=False)).to_be_visible()

    entries = admin.get_by_test_id("history").locator("li")
    expect(entries).to_have_count(1 + len(walk))
    expect(entries.first).to_contain_text("New status")
    expect(entries.first).to_contain_text(f"by {world.admin.username}")
    expect(entries.first.locator("del")).to_have_text("Maintenance")
    expect(entries.first.locator("ins")).to_have_text("Retired")
    expect(entries.last).to_contain_text("Created")
    times = [time.get_attribute("datetime") for time in entries.locator("time").all()]
    assert times == sorted(times, reverse=True)
    admin.screenshot(path=artifacts / "admin-history.png", full_page=True)


def test_an_outdated_step_is_rejected_with_the_steps_that_are_allowed_now(world: World, open_page):
    device_id = world.device(name="Meter of two administrators")
    admin = open_page(world.admin, f"/manage/devices/{device_id}")
    admin.get_by_test_id("step-reserve").click()
    answer = world.admin.request("PUT", f"/api/devices/{device_id}/retire/", json={})
    assert answer.status_code == 200, answer.text

    admin.get_by_test_id("dialog-submit").click()

    expect(admin.get_by_text("Its status has changed meanwhile.", exact=False)).to_be_visible()
    admin.keyboard.press("Escape")
    expect(admin.get_by_test_id("steps")).to_have_count(0)


def test_an_unregistered_device_is_listed_and_registered_with_its_readings(
    installation: Installation, world: World, open_page
):
    stranger = str(uuid4())
    before = world.ledger()
    installation.publish(
        [
            {
                "device_id": stranger,
                "timestamp": f"2026-03-10T0{hour}:00:00Z",
                "measurement_value": 1,
            }
            for hour in range(3)
        ]
    )
    world.await_received(before, 3)
    admin = open_page(world.admin, "/manage/ingestion")

    row = admin.get_by_test_id("unregistered").get_by_role("row").filter(has_text=stranger)

    expect(row).to_contain_text("3")
    row.get_by_test_id("register").click()
    admin.get_by_label("Name", exact=False).first.fill("Found in the cellar")
    admin.get_by_label("Serial number").fill(uuid4().hex)
    submit(admin)
    expect(admin).to_have_url(re.compile(f"/manage/devices/{stranger}"))
    eventually(lambda: world.hours_answer(world.admin, stranger).status_code == 200)
    assert world.day(world.admin, stranger, "2026-03-10")["total_daily_consumption"] == 3
    admin.goto("/manage/ingestion")
    expect(admin.get_by_test_id("unregistered")).not_to_contain_text(stranger)


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_of_administrators_do_not_exist_for_a_client(path: str, world: World, open_page):
    client, _ = world.client("curious")
    page = open_page(client, path)
    expect(page.get_by_text("There is no such page.")).to_be_visible()
    expect(page.get_by_role("link", name="Users")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("dark", {"color_scheme": "dark"}),
        ("narrow", {"viewport": {"width": 360, "height": 740}}),
    ],
)
def test_the_pages_of_administrators_fit_a_phone_in_dark_colours(
    name: str, options, installation: Installation, world: World, open_page, artifacts: Path
):
    page = open_page(world.admin, PAGES[0], **options)
    for path in PAGES:
        page.goto(installation.url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_label("Loading")).to_have_count(0)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], path
        page.screenshot(path=artifacts / f"admin-{path[8:]}-{name}.png", full_page=True)
