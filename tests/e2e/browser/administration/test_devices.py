"""The administrators' lists of devices in a real browser: import, choice, layout."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Page, expect

from service_kit.testing.waiting import wait_until

from ....support.browser import NARROW, settle
from ....support.installation import Installation, Session, World

HEADER = "name,device_type,serial_number,location,status,assigned_to"
FLATS = 30


def choose_file(page: Page, path: Path) -> None:
    page.get_by_test_id("import-file").set_input_files(path)


def test_thirty_flats_are_imported_after_a_corrected_file_of_the_same_name_was_checked_again(
    installation: Installation, world: World, open_page, artifacts: Path, tmp_path: Path
):
    tenant, tenant_id = world.client("tenant")
    mark = uuid4().hex[:6]
    rows = [
        f"{mark} Apartment {n},smart_meter,{mark}-{n},Stair B,deployed,{tenant.username}"
        for n in range(FLATS)
    ]
    file = tmp_path / "flats.csv"
    file.write_text("\n".join([HEADER, *rows]).replace("deployed", "installed", 1))
    page = open_page(world.admin, "/manage/devices")
    page.get_by_test_id("device-import").click()

    choose_file(page, file)
    summary = page.get_by_test_id("import-summary")
    expect(summary).to_have_attribute("data-rejected", "1")
    expect(page.get_by_test_id("import-report").locator("tbody tr").first).to_contain_text(
        "status “installed”: Use one of: in_stock"
    )
    page.screenshot(path=artifacts / "devices-import-rejected.png")
    file.write_text("\n".join([HEADER, *rows]))
    choose_file(page, file)
    expect(summary).to_have_attribute("data-rejected", "0")
    expect(page.get_by_test_id("import-effects")).to_have_text(
        f"{FLATS} × Deployed · {FLATS} devices assigned"
    )
    page.screenshot(path=artifacts / "devices-import-valid.png")
    page.get_by_test_id("import-commit").click()
    expect(page.get_by_test_id("import-commit")).to_have_count(0)

    assert tenant.get("/api/devices/", status="deployed").json()["count"] == FLATS
    page.goto(f"{installation.url}/manage/devices?search={mark}")
    page.get_by_test_id("select-page").check()
    page.get_by_test_id("select-all").click()
    page.screenshot(path=artifacts / "devices-chosen.png", full_page=True)
    page.get_by_test_id("bulk-recall").click()
    page.get_by_test_id("dialog-submit").click()
    expect(page.get_by_test_id("done")).to_have_text(f"{FLATS} devices changed.")
    assert tenant.get("/api/devices/", status="in_stock").json()["count"] == FLATS
    assert str(tenant_id) in str(tenant.get("/api/devices/").json()["results"][0]["assigned_to"])


def test_the_page_of_a_device_shows_its_last_reading_and_a_message_to_copy(
    installation: Installation, world: World, household, open_page, artifacts: Path
):
    page = open_page(world.admin, f"/manage/devices/{household.flat}", viewport=NARROW)
    expect(page.get_by_test_id("last-reading")).to_have_attribute("data-state", "silent")
    expect(page.get_by_test_id("sample")).to_contain_text(str(household.flat))
    for width in (NARROW["width"], 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        settle(page)
        page.screenshot(path=artifacts / f"device-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_test_id("copy-sample").click()
    expect(page.get_by_test_id("copy-sample")).to_have_text("Copied")
    page.get_by_test_id("device-edit").click()
    page.get_by_test_id("advanced").click()
    settle(page)
    page.screenshot(path=artifacts / "device-form.png", full_page=True)


def test_a_meter_is_replaced_on_a_phone_and_the_replacement_undone(
    world: World, open_page, artifacts: Path
):
    serial = f"N-{uuid4().hex[:6]}"
    device = world.device(world.client("landlord")[1], reading_kind="cumulative")
    page = open_page(world.admin, f"/manage/devices/{device}", viewport=NARROW)
    meters = page.get_by_test_id("meters")

    page.get_by_test_id("meter-replace").click()
    page.get_by_label("Serial number of the new meter").fill(serial)
    page.get_by_label("Closing register of the old meter", exact=True).fill("17077.4")
    page.get_by_label("Opening register of the new meter", exact=True).fill("0.05")
    settle(page)
    page.screenshot(path=artifacts / "meter-replacement.png", full_page=True)
    page.get_by_test_id("dialog-submit").scroll_into_view_if_needed()
    page.screenshot(path=artifacts / "meter-replacement-end.png")
    page.get_by_test_id("dialog-submit").click()

    expect(meters).to_contain_text("17,077.4")
    expect(meters.get_by_role("listitem").first).to_contain_text(serial)
    meters.screenshot(path=artifacts / "meters.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert world.admin.get(f"/api/devices/{device}/").json()["serial_number"] == serial

    page.get_by_test_id("meter-undo").click()
    page.get_by_test_id("dialog-submit").click()
    expect(meters.get_by_role("listitem")).to_have_count(1)
    assert world.admin.get(f"/api/devices/{device}/").json()["serial_number"] != serial


def test_incoming_data_counts_silent_meters_and_leads_to_their_list(
    installation: Installation, world: World, open_page, artifacts: Path
):
    # A device of its own: other tests deploy the household's.
    name = f"Silent {uuid4().hex[:8]}"
    device = world.device(name=name)
    stamp = (datetime.now(UTC) - timedelta(hours=6)).isoformat()
    installation.publish({"device_id": device, "timestamp": stamp, "measurement_value": 1})
    world.admin.request("PUT", f"/api/devices/{device}/deploy/", json={})
    wait_until(lambda: silent(world.admin) > 0)
    page = open_page(world.admin, "/manage/ingestion")
    link = page.get_by_test_id("states-silent").get_by_role("link")
    expect(link).to_be_visible()
    page.screenshot(path=artifacts / "ingestion-states.png", full_page=True)
    link.click()
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(page.locator("tbody tr").first).to_contain_text("Silent")
    page.screenshot(path=artifacts / "devices-silent.png", full_page=True)


def silent(admin: Session) -> int:
    """Return how many deployed devices are silent."""
    answer = admin.get("/api/monitoring/devices/states/", status="deployed")
    return int(answer.json()["silent"])
