"""Limits of memory and number of sockets, before and after their users are known."""

from __future__ import annotations

import json
from contextlib import ExitStack

import pytest
from websockets.exceptions import InvalidStatus

from monitoring.live import admission
from monitoring.live.publisher import LiveUpdatePublisher
from service_kit.testing.waiting import wait_until

from .live_process import Live, frame, raw_socket, send
from .sockets import Socket
from .test_live_redis import changed, heard

pytestmark = pytest.mark.django_db(transaction=True)

#: Megabytes by which the process may grow under any of the attacks.
MAX_GROWTH_MB = 20

MEGABYTE = 1 << 20


ATTACKS = {
    "a frame of 14 MB that never ends": frame(1, b"x" * (14 * MEGABYTE - 1), length=14 * MEGABYTE),
    "frames of 60 kB that never end": frame(1, b"x" * 60_000, length=65_536),
    "a message in parts that never ends": frame(1, b"", final=False)
    + frame(0, b"x" * 60_000, final=False) * 200,
    "empty parts of a message": frame(1, b"", final=False) + frame(0, b"", final=False) * 2_000_000,
    "empty messages": frame(1, b"") * 2_000_000,
    "pings whose answers are not read": frame(9, b"x" * 125) * 100_000,
    "messages whose answers are not read": frame(1, b"{}") * 1_000_000,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_forty_sockets_cannot_fill_the_memory(attack, live: Live, issuer, alice, meter):
    publisher = LiveUpdatePublisher()
    with Socket(live.url) as honest, ExitStack() as stack:
        honest.listen(issuer.token(alice), meter)
        before = live.resident_mb()
        attackers = [stack.enter_context(raw_socket(live.port)) for _ in range(40)]
        peak = before
        for attacker in attackers:
            attacker.settimeout(2)
            send(attacker, ATTACKS[attack])
            peak = max(peak, live.resident_mb())
        publisher.push_hours([changed(meter, 1_000)])
        heard(honest, 0.001)
        peak = max(peak, live.resident_mb())
    assert peak - before < MAX_GROWTH_MB
    assert "Traceback" not in live.log.read_text()


def opened(stack: ExitStack, url: str, address: str) -> Socket:
    header = {"X-Forwarded-For": f"203.0.113.9, {address}"}
    return stack.enter_context(Socket(url, additional_headers=header))


def test_the_sockets_of_one_address_are_limited_and_another_address_is_served(url, monkeypatch):
    monkeypatch.setattr(admission, "MAX_OF_ONE_ADDRESS", 2)
    with ExitStack() as stack:
        first = opened(stack, url, "198.51.100.1")
        opened(stack, url, "198.51.100.1")
        with pytest.raises(InvalidStatus) as rejected:
            opened(stack, url, "198.51.100.1")
        opened(stack, url, "198.51.100.2")
        first.connection.close()
        eventually_opened(stack, url, "198.51.100.1")

    assert rejected.value.response.status_code == 503
    assert json.loads(rejected.value.response.body)["code"] == "too_many_sockets"


def eventually_opened(stack: ExitStack, url: str, address: str) -> None:
    """Open a socket as soon as the server has noticed the end of another one."""

    def is_admitted() -> bool:
        try:
            opened(stack, url, address)
        except InvalidStatus:
            return False
        return True

    wait_until(is_admitted)


def test_addresses_of_one_ipv6_network_count_as_one(url, monkeypatch):
    monkeypatch.setattr(admission, "MAX_OF_ONE_ADDRESS", 1)
    with ExitStack() as stack:
        opened(stack, url, "2001:db8::1")
        with pytest.raises(InvalidStatus):
            opened(stack, url, "2001:db8::2")
        opened(stack, url, "2001:db8:0:1::1")


def test_sockets_without_authentication_are_limited_and_the_others_are_served(
    url, issuer, alice, meter, monkeypatch
):
    monkeypatch.setattr(admission, "MAX_UNAUTHENTICATED", 2)
    with ExitStack() as stack:
        honest = [opened(stack, url, f"198.51.100.{n}") for n in range(2)]
        for client in honest:
            client.listen(issuer.token(alice), meter)
        silent = [opened(stack, url, f"198.51.100.{n}") for n in range(2)]
        with pytest.raises(InvalidStatus) as rejected:
            opened(stack, url, "198.51.100.9")
        assert [client.closed_with() for client in silent] == [4401, 4401]
        eventually_opened(stack, url, "198.51.100.9")
        LiveUpdatePublisher().push_hours([changed(meter, 1_000)])
        for client in honest:
            heard(client, 0.001)

    assert rejected.value.response.status_code == 503


def test_all_sockets_together_are_limited(url, monkeypatch):
    monkeypatch.setattr(admission, "MAX_SOCKETS", 1)
    with ExitStack() as stack:
        opened(stack, url, "198.51.100.1")
        with pytest.raises(InvalidStatus) as rejected:
            opened(stack, url, "198.51.100.2")

    assert rejected.value.response.status_code == 503
