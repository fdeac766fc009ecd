"""Any bytes, JSON and headers get a documented close code or answer, and no traceback."""

from __future__ import annotations

import json
import random
import socket
import time
from contextlib import ExitStack

import pytest
from django.conf import settings

from .live_process import Live, close_code, frame, handshake, raw_socket, read_to_the_end, send
from .sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)


def random_frames(chance: random.Random) -> bytes:
    return b"".join(
        frame(
            chance.choice([0, 1, 1, 2, 3, 9, 10, 11]),
            chance.randbytes(chance.choice([0, 1, 4, 30, 125, 126, 3_000])),
            final=chance.random() < 0.8,
        )
        for _ in range(chance.randint(1, 4))
    )


def test_any_bytes_on_a_socket_end_in_a_documented_close_code(live: Live):
    chance = random.Random(20261128)
    sent = [random_frames(chance) for _ in range(100)]
    # The first byte is one of a frame that is no close frame, whose code would be sent back.
    sent += [bytes([chance.choice([0x01, 0x81, 0x89])]) + chance.randbytes(9) for _ in range(50)]
    with ExitStack() as stack:
        sockets = [stack.enter_context(raw_socket(live.port)) for _ in sent]
        for connected, data in zip(sockets, sent, strict=True):
            send(connected, data)
        codes = {close_code(read_to_the_end(connected)) for connected in sockets}

    assert codes == {1002, 1007, 1009, 4401}
    assert "Traceback" not in live.log.read_text()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(1, b"x" * 70_000), 1009),
        (frame(1, b"x" * 40_000, final=False) + frame(0, b"x" * 40_000), 1009),
        (frame(2, b"{}"), 1009),
        (frame(1, b"\xff\xfe"), 1007),
        (frame(1, b"{}") * 300, 1008),
        (frame(9, b"") * 300, 1008),
        (frame(0, b"x"), 1002),
        (frame(3, b"x"), 1002),
        (b"\x81\x02{}", 1002),
    ],
    ids=[
        "large",
        "large in parts",
        "binary",
        "not UTF-8",
        "many messages",
        "many pings",
        "part of nothing",
        "unknown kind",
        "not masked",
    ],
)
def test_a_frame_that_breaks_a_rule_closes_its_socket_with_the_code_of_the_rule(data, code, live):
    with raw_socket(live.port) as connected:
        send(connected, data)

        assert close_code(read_to_the_end(connected)) == code
    assert "Traceback" not in live.log.read_text()


VALUES = [
    None,
    True,
    0,
    -1,
    1e400,
    "",
    "x",
    "\ud800",
    "\0",
    [],
    [[]],
    {},
    {"a": 1},
    "9" * 60_000,
    ["\ud800"],
    [None],
    [{}],
    ["x" * 36],
    [7],
    [["a"]],
]


def test_any_json_is_answered_and_the_socket_stays_usable(url, issuer, alice, meter, caplog):
    with Socket(url) as socket_:
        socket_.listen(issuer.token(alice), meter)
        for value in VALUES:
            for body in (
                value,
                {"type": value},
                {"type": "subscribe", "device_ids": value},
                {"type": "subscribe", "alerts": value},
            ):
                socket_.connection.send(json.dumps(body))
                assert socket_.hear()["type"] in ("error", "subscribed")
                time.sleep(0.006)
        socket_.connection.send("[" * 30_000)
        assert socket_.hear()["code"] == "bad_frame"
        socket_.say(type="ping")
        assert socket_.hear() == {"type": "pong"}
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("token", VALUES, ids=range(len(VALUES)))
def test_a_token_of_any_json_value_is_rejected_with_4401(token, url, caplog):
    with Socket(url) as socket_:
        socket_.connection.send(json.dumps({"type": "authenticate", "token": token}))

        assert socket_.hear()["code"] == "not_authenticated"
        assert socket_.closed_with() == 4401
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "origin",
    [
        "{}.evil.example",
        "{}0",
        "{}99999",
        "{}/",
        "{}:x",
        "null",
        "http://[",
        "http://[::1",
        "\xff",
        "http://",
        "x",
        "{}, {}",
    ],
)
def test_an_odd_origin_is_rejected_with_403_that_names_it(origin, live):
    origin = origin.format(*2 * [settings.PUBLIC_ORIGINS[0]])
    status, body = handshake(live.port, f"Origin: {origin}")

    assert status == 403
    assert json.loads(body)["code"] == "origin_not_allowed"
    assert settings.PUBLIC_ORIGINS[0] in json.loads(body)["detail"]
    assert "Traceback" not in live.log.read_text()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/ws/other/", (), 404),
        ("/ws/monitoring//", (), 404),
        ("/ws/%ff", (), 404),
        ("/ws/monitoring", (), 101),
        ("/ws/monitoring/", ("Cookie: " + "x" * 9_000,), 400),
        ("/ws/monitoring/", ("Sec-WebSocket-Protocol: \xff",), 400),
        ("/ws/monitoring/", ("Sec-WebSocket-Version: 8",), 400),
        ("/ws/monitoring/", ("Host: \xff", "X-Forwarded-For: '"), 400),
    ],
)
def test_an_odd_handshake_is_answered_without_an_error_of_the_server(path, headers, status, live):
    origin = f"Origin: {settings.PUBLIC_ORIGINS[0]}"
    answered, _ = handshake(live.port, origin, *headers, path=path)

    assert answered == status
    assert "Traceback" not in live.log.read_text()


def test_the_live_process_reads_no_body_of_a_request(live):
    """Django would store a body, however large, before it looks at the path."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=10) as connected:
        connected.sendall(
            b"POST /ws/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n"
        )

        assert connected.recv(100).startswith(b"HTTP/1.1 404")
