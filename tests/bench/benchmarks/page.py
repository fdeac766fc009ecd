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
FIRST_ROUTE_KB = 230
CLICK_MS = 100
RUNS = 3
CLICKS = 40

#: From the click, as the browser timed it, to after the frame that shows another day's bars.
_CLICK_TO_PAINT = """
testId => new Promise(resolve => {
  const first = () => document.querySelector('[data-testid=hour-bar]')?.dataset.start
  const before = first()
  const button = document.querySelector(`[data-testid=${testId}]`)
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


def lighthouse_rows(page: str, url: str, port: int, runs: int) -> list[Row]:
    """Return the median score of each category."""
    verdicts = [lighthouse(url, port, CATEGORIES) for _ in range(runs)]
    return [
        row(
            f"{page}: {category}",
            statistics.median(verdict.scores[category] for verdict in verdicts),
            "points",
            at_least=GOAL,
        )
        for category in CATEGORIES
    ]


def click_times(page: Page, address: str, clicks: int) -> list[float]:
    """Return the milliseconds of clicks that lead to days which were read a moment ago."""
    page.goto(address)
    expect(page.get_by_test_id("hour-bar")).to_have_count(24)
    times = []
    for number in range(-4, clicks):
        button = "date-prev" if number % 2 else "date-next"
        answer = page.evaluate_handle(f"id => ({{ shown: ({_CLICK_TO_PAINT})(id) }})", button)
        page.get_by_test_id(button).click()
        times.append(page.evaluate("async ({ shown }) => await shown", answer))
    # The first ones fetch the days.
    return times[4:]


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
        rows += lighthouse_rows("energy page", address, port, runs)
        times = click_times(page, address, clicks)
    return [
        *rows,
        row("first route, JavaScript gzipped", first_route_kb(), "KB", at_most=FIRST_ROUTE_KB),
        row("click on the day view, median", statistics.median(times), "ms", at_most=CLICK_MS),
        row("click on the day view, slowest", max(times), "ms", at_most=CLICK_MS),
        row("click on the day view, spread", statistics.pstdev(times), "ms"),
    ]


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
