"""Lighthouse's scores of the pages, and the bytes that a browser loads before the figures."""

from __future__ import annotations

import socket

from playwright.sync_api import Playwright, expect

from ....support.audits import first_route_kb, lighthouse, own_browser
from ....support.browser import sign_in
from ....support.household import Household
from ....support.installation import Installation, World

#: Speed is measured by tests/bench/benchmarks/page.py: here the machine is busy with other tests.
CATEGORIES = ["accessibility", "best-practices"]
#: Points that a page must reach.
GOOD = 95
#: Of JavaScript, gzipped; a KB has 1,000 bytes.
FIRST_ROUTE_KB = 230


def test_lighthouse_rates_login_and_energy_page_above_the_limits(
    playwright: Playwright, installation: Installation, household: Household
):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    login = f"{installation.url}/login"
    energy = f"{installation.url}/energy?device={household.flat}&date=2026-03-20"
    with own_browser(playwright, port) as page:
        verdicts = {login: lighthouse(login, port, CATEGORIES)}
        page.goto(login)
        sign_in(page, household.session)
        verdicts[energy] = lighthouse(energy, port, CATEGORIES)

    for url, verdict in verdicts.items():
        assert min(verdict.scores.values()) >= GOOD, (url, verdict)


def test_the_first_route_is_light_and_loads_its_charts_later(world: World, open_page):
    client, _ = world.client("light")
    page = open_page(client)
    # Again, without the login page's part.
    page.reload()
    expect(page.get_by_test_id("no-devices")).to_be_visible()

    scripts = page.evaluate(
        "performance.getEntriesByType('resource')"
        ".filter(one => one.name.endsWith('.js')).map(one => [one.name, one.encodedBodySize])"
    )

    # The checks of live frames are read when the page has been drawn.
    first = [size for name, size in scripts if "/frames-" not in name]
    assert len(first) == len(scripts) - 1
    assert sum(first) <= FIRST_ROUTE_KB * 1_000
    assert first_route_kb() <= FIRST_ROUTE_KB
    assert not [name for name, _ in scripts if "-chart" in name]
