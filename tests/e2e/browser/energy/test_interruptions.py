"""An open page while Redis, the live process, the gateway or the network is interrupted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from ....support.browser import expect_total
from ....support.installation import Installation, World
from ....support.levers import down

#: Interruptions in a row; a race may spare the first ones.
ROUNDS = int(os.environ.get("INTERRUPTION_ROUNDS", "2"))

KWH = Decimal("0.25")

#: The hour in which all readings of a test are.
HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)


class Meter:
    """A meter whose readings add up on the page."""

    def __init__(self, installation: Installation, device_id: str) -> None:
        self.installation, self.device_id, self.sent = installation, device_id, 0

    def send(self) -> Decimal:
        """Send one reading more; return the energy of all."""
        self.sent += 1
        self.installation.publish(
            {
                "device_id": self.device_id,
                "timestamp": (HOUR + timedelta(seconds=self.sent)).isoformat(),
                "measurement_value": float(KWH),
            }
        )
        return self.sent * KWH


class Network:
    """The network of a browser, which can be disconnected.

    Chromium ends no open socket when its network is switched off, so the socket's messages are
    dropped here, both ways, as an unavailable network drops them.
    """

    def __init__(self, page: Page) -> None:
        """Take over the sockets of the page. Requires: it has not been loaded yet, or is again."""
        self.page, self.connected = page, True
        page.route_web_socket("**/ws/monitoring/", self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda message: self.connected and server.send(message))
        server.on_message(lambda message: self.connected and socket.send(message))

    @contextmanager
    def disconnected(self) -> Iterator[None]:
        """Disconnect the network until the end of the block."""
        self.connected = False
        self.page.context.set_offline(True)
        try:
            yield
        finally:
            self.connected = True
            self.page.context.set_offline(False)


def has_status(page: Page, status: str) -> None:
    expect(page.get_by_test_id("live-status")).to_have_attribute("data-status", status)


def interrupt(
    page: Page, meter: Meter, interrupted: Callable[[], AbstractContextManager[None]]
) -> None:
    """Interrupt the page again and again: a reading during the interruption, and one after it."""
    expect_total(page, meter.send())
    has_status(page, "live")
    page.evaluate("window.notReloaded = true")
    for _ in range(ROUNDS):
        with interrupted():
            total = meter.send()
            has_status(page, "reconnecting")
        expect_total(page, total)
        has_status(page, "live")
        expect_total(page, meter.send())
    assert page.evaluate("window.notReloaded")


@pytest.fixture
def opened(installation: Installation, world: World, open_page) -> tuple[Page, Meter]:
    """Return a page of a meter on the day of its readings, and the meter."""
    client, client_id = world.client("interrupted")
    meter = Meter(installation, world.device(client_id, timezone="UTC"))
    path = f"/energy?device={meter.device_id}&date={HOUR:%Y-%m-%d}"
    return open_page(client, path), meter


@pytest.mark.parametrize("process", ["redis", "monitoring-live", "traefik"])
def test_an_open_page_shows_every_reading_after_an_interruption_and_says_so_in_between(
    process: str, installation: Installation, opened: tuple[Page, Meter]
):
    page, meter = opened
    interrupt(page, meter, lambda: down(installation, process))


def test_an_open_page_shows_every_reading_after_the_browser_was_offline(
    opened: tuple[Page, Meter],
):
    page, meter = opened
    network = Network(page)
    page.reload()
    interrupt(page, meter, network.disconnected)
