"""The fast path takes the same messages from the stream as pika, wherever the network cuts it."""

from __future__ import annotations

from datetime import UTC, datetime

import pika
import pytest
from pika import frame, spec
from pika.exceptions import InvalidFrameError

from service_kit.broker import Delivery
from service_kit.broker.fast_path import starts_delivery, take_deliveries

BODIES = [b"", b"a", b"x" * 300, b'{"measurement_value": 0.217}']
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def delivery(
    tag: int,
    body: bytes,
    part_bytes: int = 128,
    exchange: str = "sync_exchange",
    routing_key: str = "user_created",
    **properties: object,
) -> bytes:
    """Return the frames of one delivery as a broker sends them."""
    method = spec.Basic.Deliver("consumer-tag", tag, False, exchange, routing_key)
    properties = {"delivery_mode": 2, "headers": {"a": "b"}, "message_id": "7", **properties}
    frames = [
        frame.Method(1, method),
        frame.Header(1, len(body), pika.BasicProperties(**properties)),
    ]
    frames += [
        frame.Body(1, body[begin : begin + part_bytes]) for begin in range(0, len(body), part_bytes)
    ]
    return b"".join(each.marshal() for each in frames)


def places(deliveries: list[Delivery]) -> list[tuple[object, ...]]:
    return [(each.tag, each.exchange, each.routing_key, each.body) for each in deliveries]


STREAM = b"".join(delivery(tag, body) for tag, body in enumerate(BODIES, start=1))
EXPECTED = [
    (tag, "sync_exchange", "user_created", body) for tag, body in enumerate(BODIES, start=1)
]


def test_messages_of_any_size_are_cut_from_the_stream():
    deliveries, consumed = take_deliveries(STREAM)

    assert places(deliveries) == EXPECTED
    assert consumed == len(STREAM)


@pytest.mark.parametrize("cut", range(len(STREAM)))
def test_no_message_is_lost_or_taken_twice_wherever_the_network_cuts_the_stream(cut):
    first, consumed = take_deliveries(STREAM[:cut])
    rest, _ = take_deliveries(STREAM[consumed:])

    assert places(first + rest) == EXPECTED
    assert consumed == cut or starts_delivery(STREAM[consumed:cut])


@pytest.mark.parametrize(
    ("exchange", "routing_key"),
    [("", "device_data_queue"), ("amq.topic", ""), ("x" * 255, "energy.ä/1"), ("", "")],
)
def test_every_message_has_its_own_exchange_and_routing_key(exchange, routing_key):
    stream = delivery(1, b"a", exchange=exchange, routing_key=routing_key) + delivery(2, b"b")

    assert places(take_deliveries(stream)[0]) == [
        (1, exchange, routing_key, b"a"),
        (2, "sync_exchange", "user_created", b"b"),
    ]


def test_properties_are_those_that_the_sender_set():
    stream = delivery(1, b"a", headers={"traceparent": PARENT}, timestamp=1_763_808_000)
    stream += delivery(2, b"b")

    first, second = take_deliveries(stream)[0]

    assert first.headers == {"traceparent": PARENT}
    assert (first.traceparent, first.timestamp) == (PARENT, 1_763_808_000)
    assert second.headers == {"a": "b"}
    assert (second.traceparent, second.timestamp) == (None, None)


def test_headers_that_cannot_be_decoded_leave_a_body_without_its_trace():
    stream = bytearray(delivery(1, b"a", headers={"when": datetime(2026, 1, 1, tzinfo=UTC)}))
    at = stream.index(b"\x04whenT") + 6
    stream[at : at + 8] = b"\xff" * 8

    (taken,), consumed = take_deliveries(bytes(stream))

    assert (taken.body, taken.headers, taken.traceparent, taken.timestamp) == (b"a", {}, None, None)
    assert consumed == len(stream)


def test_all_other_frames_are_left_to_pika():
    heartbeat = frame.Heartbeat().marshal()
    cancelled = frame.Method(1, spec.Basic.Cancel("consumer-tag")).marshal()

    deliveries, consumed = take_deliveries(delivery(1, b"a") + cancelled + delivery(2, b"b"))

    assert [each.tag for each in deliveries] == [1]
    assert consumed == len(delivery(1, b"a"))
    assert not starts_delivery(cancelled)
    assert not starts_delivery(heartbeat)
    assert take_deliveries(heartbeat) == ([], 0)


@pytest.mark.parametrize("position", ["method", "header", "body"])
def test_a_frame_without_its_end_mark_raises_an_error(position):
    stream = bytearray(delivery(1, b"abc"))
    ends = {"body": len(stream) - 1, "header": len(stream) - 1 - 3 - 8}
    ends["method"] = stream.index(0xCE)
    stream[ends[position]] = 0

    with pytest.raises(InvalidFrameError):
        take_deliveries(bytes(stream))
