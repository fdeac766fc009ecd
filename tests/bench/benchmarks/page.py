"""The dashboard in a real browser: Lighthouse's scores, weight of the first route, click delays.

The clicks are in the day view, with the data already loaded.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import sys

from playwright.sync_api import Page, expect, sync_playwright

from support import ROOT, Row, row

sys.path.append(str(ROOT))

from tests.support.audits import first_route_kb, lighthouse, own_browser
from tests.support.browser import DESK, sign_in
from tests.support.household import Household, furnish
from tests.support.installation import Installation, World

from ems_tool.install import frontend, packages

TITLE = "Dashboard, desktop, local build through the gateway"
HOME = ROOT / ".ems-bench" / "page"
#: Ports between those of the servers of other benchmarks and those of the whole platform.
APART = 20
CATEGORIES = ["performance", "accessibility", "best-practices"]
GOAL = 95
FIRST_ROUTE_KB = 227
CLICK_MS = 100
#: How many times longer a script takes on the simulated slow machine, a phone or an old computer.
SLOWDOWN = 4
RUNS = 3
CLICKS = 40

#: From the click, as the browser timed it, to after the frame that shows another day's bars.
_CLICK_TO_PAINT = """
button => new Promise(resolve => {
  const first = () => document.querySelector('[data-testid=hour-bar]')?.dataset.start
  const before = first()
  button.addEventListener('click', ({ timeStamp }) => {
    const look = () => {
      const start = first()
      if (start === undefined || start === before) return requestAnimationFrame(look)
      const channel = new MessageChannel()
      channel.port1.onmessage = () => resolve(performance.now() - timeStamp)
      channel.port2.postMessage(null)
    }
    requestAnimationFrame(look)
  }, { once: true, capture: true })
})
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def lighthouse_rows(name: str, url: str, port: int, runs: int, slowdown: int = 1) -> list[Row]:
    """Return the median score of each category."""
    verdicts = [lighthouse(url, port, CATEGORIES, slowdown=slowdown) for _ in range(runs)]
    return [
        row(
            f"{name}: {category}",
            statistics.median(verdict.scores[category] for verdict in verdicts),
            "points",
            at_least=GOAL,
        )
        for category in (CATEGORIES if slowdown == 1 else CATEGORIES[:1])
    ]


def click_times(page: Page, address: str, clicks: int) -> list[float]:
    """Return the milliseconds of clicks that lead to days which were read a moment ago."""
    page.goto(address)
    expect(page.get_by_test_id("hour-bar")).to_have_count(24)
    times = []
    for number in range(-4, clicks):
        # Waited for: the page draws the toolbar after the bars.
        button = page.get_by_test_id("date-prev" if number % 2 else "date-next")
        answer = button.evaluate_handle(f"button => ({{ shown: ({_CLICK_TO_PAINT})(button) }})")
        button.click()
        times.append(page.evaluate("async ({ shown }) => await shown", answer))
    # The first ones fetch the days.
    return times[4:]


def click_rows(times: list[float], machine: str = "") -> list[Row]:
    """Return the median, the slowest and the spread of the clicks."""
    name = f"click on the day view{machine}"
    return [
        row(f"{name}, median", statistics.median(times), "ms", at_most=CLICK_MS),
        row(f"{name}, slowest", max(times), "ms"),
        row(f"{name}, spread", statistics.pstdev(times), "ms"),
    ]


def pages(installation: Installation, household: Household, quick: bool) -> list[Row]:
    """Return the rows that are measured in one browser."""
    port = free_port()
    runs, clicks = (1, 6) if quick else (RUNS, CLICKS)
    with sync_playwright() as playwright, own_browser(playwright, port) as page:
        page.set_viewport_size(DESK)
        login = f"{installation.url}/login"
        rows = lighthouse_rows("login page", login, port, runs)
        page.goto(login)
        sign_in(page, household.session)
        address = f"{installation.url}/energy?device={household.flat}&date=2026-03-20"
        slow = f", processor {SLOWDOWN} × slower"
        rows += lighthouse_rows("energy page", address, port, runs)
        rows += lighthouse_rows(f"energy page{slow}", address, port, runs, SLOWDOWN)
        rows.append(
            row("first route, JavaScript gzipped", first_route_kb(), "KB", at_most=FIRST_ROUTE_KB)
        )
        rows += click_rows(click_times(page, address, clicks))
        throttle = page.context.new_cdp_session(page)
        throttle.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        rows += click_rows(click_times(page, address, clicks), slow)
    return rows


def run(quick: bool = False) -> list[Row]:
    """Return the rows of the login page, the energy page, and the click."""
    packages.ensure(packages.CLIENTS)
    frontend.ensure_modules(frontend.BROWSER_TESTS)
    installation = Installation(HOME, int(os.environ.get("EMS_PORT", "8080")) + APART)
    try:
        installation.ems("up", "--detach", "--no-demo")
        household = furnish(installation, World(installation))
        return pages(installation, household, quick)
    finally:
        installation.ems("down", check=False)
        shutil.rmtree(HOME, ignore_errors=True)


def main() -> None:
    """Print the rows as a table."""
    from rich.console import Console

    from runner import show

    show(Console(), TITLE, run())


if __name__ == "__main__":
    main()
