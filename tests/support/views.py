"""All pages of the dashboard, and what opens on them: for audits, sizes and pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from playwright.sync_api import Page

from .browser import settle
from .household import LONG_DAY, PATCHY_DAY, Household

Opening = Callable[[Page], object]


def nothing(page: Page) -> None:
    """Leave the page as it is."""


def click(*test_ids: str) -> Opening:
    """Return an opening that clicks the buttons one after the other."""

    def opening(page: Page) -> None:
        for test_id in test_ids:
            page.get_by_test_id(test_id).first.click()

    return opening


def press(key: str) -> Opening:
    """Return an opening that presses a key."""
    return lambda page: page.keyboard.press(key)


def import_rejected(page: Page) -> None:
    """Check a file with a device type that does not exist, and a long name."""
    page.get_by_test_id("device-import").click()
    rows = f"name,device_type,serial_number\n{'Apartment ' * 8},thermometer,{'9' * 40}\n"
    file = {"name": "devices.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.get_by_test_id("import-file").set_input_files(files=[file])
    page.get_by_test_id("import-report").wait_for()


def devices_chosen(page: Page) -> None:
    """Choose the devices of the page, by the box of the table or of its cards, and a step."""
    page.locator("[data-testid^=select-page]:visible").first.click()
    page.get_by_test_id("bulk-deploy").click()


#: Everything that an opening opens, or a form whose fields were rejected.
_OPENED = ", ".join(
    f"{element}:visible"
    for element in ("[role=dialog]", "[role=menu]", "[role=listbox]", "[aria-invalid=true]")
)


@dataclass(frozen=True)
class View:
    """A page and what is open on it. `path` may name the household's first meter as {flat}."""

    name: str
    path: str
    opening: Opening = nothing

    @property
    def is_whole_page(self) -> bool:
        """Whether the page is open without a menu or dialog over it."""
        return self.opening is nothing

    def open(self, page: Page, household: Household) -> None:
        page.goto(self.path.format(flat=household.flat))
        self.reopen(page)

    def reopen(self, page: Page) -> None:
        """Open what is on the page, after it was loaded again."""
        settle(page)
        self.opening(page)
        if not self.is_whole_page:
            page.locator(_OPENED).first.wait_for()


def energy(name: str, query: str, opening: Opening = nothing) -> View:
    device = "" if "device=" in query else "device={flat}&"
    return View(name, f"/energy?{device}{query}", opening)


_MONTH = "period=month&date=2026-03-15"
_YEAR = "period=year&date=2026-03-15"
#: A page that is drawn quickly, below menus and dialogs.
_EMPTY = "date=2025-06-01"
STRANGER_VIEWS = [
    View("login", "/login", click("login-submit")),
    View("register", "/register?next=%2Fprofile", click("register-submit")),
]
CLIENT_VIEWS = [
    energy("day", "date=2026-03-20"),
    energy("day-gap", f"date={PATCHY_DAY}"),
    energy("day-table", f"date={PATCHY_DAY}&view=table"),
    energy("day-compare", f"date={LONG_DAY}&compare=previous"),
    energy("day-quarters", f"date={LONG_DAY}&compare=previous&resolution=quarter"),
    energy("day-power-table", "date=2026-03-20&resolution=quarter&unit=kw&view=table"),
    energy("hour", "date=2026-03-20&hour=2026-03-20T10:00:00Z"),
    energy("week", "period=week&date=2026-03-20"),
    energy("week-of-two-years", "period=week&date=2025-12-31"),
    energy("month", f"{_MONTH}&compare=previous"),
    energy("month-table", f"{_MONTH}&compare=previous&view=table"),
    energy("year", _YEAR),
    energy("days-30", "period=30days&date=2026-03-20"),
    energy("all-time", "period=all"),
    energy("own-range", "period=range&from=2026-03-02&to=2026-03-13", click("date-picker")),
    energy("all-month", f"device=all&{_MONTH}"),
    energy("no-data", _EMPTY),
    energy("not-found", f"device={UUID(int=1)}"),
    energy("calendar", _EMPTY, click("date-picker")),
    energy("compare", f"{_YEAR}&compare=previous", click("compare-with")),
    energy("alerts", _EMPTY, click("alert-bell")),
    energy("menu", _EMPTY, click("user-menu")),
    energy("export", _YEAR, click("export")),
    energy("share", _YEAR, click("share")),
    energy("help-mark", _YEAR, click("help-average")),
    View("shortcuts", "/help", press("?")),
    energy("devices-open", _EMPTY, click("device-selector")),
    View("profile", "/profile", click("change-password")),
    View("log-out-everywhere", "/profile", click("log-out-everywhere")),
    View("help", "/help"),
]
ADMIN_VIEWS = [
    View("users", "/manage/users"),
    View("user-create", "/manage/users", click("user-create", "draw-password", "dialog-submit")),
    View("devices", "/manage/devices"),
    View("device-create", "/manage/devices", click("device-create", "dialog-submit")),
    View("device-advanced", "/manage/devices", click("device-create", "advanced")),
    View("device-import", "/manage/devices", import_rejected),
    View("devices-chosen", "/manage/devices", devices_chosen),
    View("device", "/manage/devices/{flat}"),
    View("channel-form", "/manage/devices/{flat}", click("channel-add", "dialog-submit")),
    View("meter-dialog", "/manage/devices/{flat}", click("meter-replace", "dialog-submit")),
    View("device-step", "/manage/devices/{flat}", click("step-deploy", "dialog-submit")),
    View("ingestion", "/manage/ingestion"),
    View("discard", "/manage/ingestion", click("discard-one")),
    View("security", "/manage/security"),
    View("admin-help", "/help"),
]
