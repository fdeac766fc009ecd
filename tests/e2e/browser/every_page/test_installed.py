"""The dashboard as an installed app: its manifest, and the page that it shows without a network."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

CACHED_PATHS = """async () => {
  const names = await caches.keys();
  const lists = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return lists.flat().map((request) => new URL(request.url).pathname).sort();
}"""


def test_without_a_network_a_page_says_so_and_no_figure_is_kept(at, artifacts: Path):
    page = at("date=2026-03-18")
    expect(page.get_by_test_id("period-view")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(page.get_by_test_id("period-view")).to_be_visible()
    address = page.url

    page.context.set_offline(True)
    page.goto(address)
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    assert page.url == address
    page.screenshot(path=artifacts / "offline.png")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    answered = "fetch('/api/monitoring/devices/').then(() => true, () => false)"
    assert page.evaluate(answered) is False
    assert page.evaluate(CACHED_PATHS) == [
        *("/color-scheme.js", "/favicon.svg", "/offline.css", "/offline.html", "/offline.js")
    ]

    # It comes back without a click.
    page.context.set_offline(False)
    expect(page.get_by_test_id("period-view")).to_be_visible()


def test_a_browser_finds_everything_that_it_needs_to_install_the_dashboard(at):
    page = at("date=2026-03-18")
    manifest = page.evaluate("fetch('/manifest.webmanifest').then((answer) => answer.json())")
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        answer = page.request.get(icon["src"])
        assert (answer.status, answer.headers["content-type"]) == (200, icon["type"])
