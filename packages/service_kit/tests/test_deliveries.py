"""The short way for deliveries: the same messages as pika's own, whatever the network cuts."""

from __future__ import annotations

from datetime import UTC, datetime

import pika
import pytest
from pika import frame, spec
from pika.exceptions import InvalidFrameError

from service_kit.broker.deliveries import starts_delivery, take_deliveries, traceparent_of

BODIES = [b"", b"a", b"x" * 300, b'{"measurement_value": 0.217}']


def delivery(tag: int, body: bytes, part_bytes: int = 128, headers: dict | None = None) -> bytes:
    """The frames of one delivery as a broker sends them."""
    method = spec.Basic.Deliver("consumer-tag", tag, False, "sync_exchange", "queue")
    properties = pika.BasicProperties(
        delivery_mode=2, headers=headers or {"a": "b"}, message_id="7"
    )
    frames = [frame.Method(1, method), frame.Header(1, len(body), properties)]
    frames += [
        frame.Body(1, body[begin : begin + part_bytes]) for begin in range(0, len(body), part_bytes)
    ]
    return b"".join(one.marshal() for one in frames)


STREAM = b"".join(delivery(tag, body) for tag, body in enumerate(BODIES, start=1))
EXPECTED = [(tag, b"sync_exchange", body) for tag, body in enumerate(BODIES, start=1)]


def test_messages_of_any_size_are_cut_from_the_stream():
    assert take_deliveries(STREAM) == (EXPECTED, len(STREAM))


@pytest.mark.parametrize("cut", range(len(STREAM)))
def test_wherever_the_network_cuts_nothing_is_lost_or_taken_twice(cut):
    first, taken = take_deliveries(STREAM[:cut])
    rest, _ = take_deliveries(STREAM[taken:])

    assert first + rest == EXPECTED
    assert taken == cut or starts_delivery(STREAM[taken:cut])


def test_a_traceparent_comes_with_its_body_where_it_is_asked_for():
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    stream = delivery(1, b"a", headers={"traceparent": parent}) + delivery(2, b"b")

    asked, _ = take_deliveries(stream, with_traceparent=True)
    unasked, _ = take_deliveries(stream)

    assert asked == unasked == [(1, b"sync_exchange", b"a"), (2, b"sync_exchange", b"b")]
    assert [traceparent_of(body) for *_, body in asked] == [parent, None]
    assert [traceparent_of(body) for *_, body in unasked] == [None, None]


def test_headers_that_cannot_be_decoded_leave_a_body_without_its_trace():
    stream = bytearray(delivery(1, b"a", headers={"when": datetime(2026, 1, 1, tzinfo=UTC)}))
    at = stream.index(b"\x04whenT") + 6
    stream[at : at + 8] = b"\xff" * 8

    assert take_deliveries(bytes(stream), with_traceparent=True) == (
        [(1, b"sync_exchange", b"a")],
        len(stream),
    )


def test_whatever_else_the_broker_says_is_left_to_pika():
    heartbeat = frame.Heartbeat().marshal()
    cancelled = frame.Method(1, spec.Basic.Cancel("consumer-tag")).marshal()

    found, taken = take_deliveries(delivery(1, b"a") + cancelled + delivery(2, b"b"))

    assert (found, taken) == ([(1, b"sync_exchange", b"a")], len(delivery(1, b"a")))
    assert not starts_delivery(cancelled)
    assert not starts_delivery(heartbeat)
    assert take_deliveries(heartbeat) == ([], 0)


@pytest.mark.parametrize("position", ["method", "header", "body"])
def test_frames_out_of_step_end_the_connection(position):
    stream = bytearray(delivery(1, b"abc"))
    ends = {"body": len(stream) - 1, "header": len(stream) - 1 - 3 - 8}
    ends["method"] = stream.index(0xCE)
    stream[ends[position]] = 0

    with pytest.raises(InvalidFrameError):
        take_deliveries(bytes(stream))
