"""A short way for deliveries through pika's connection, and a brake on it.

pika makes an object of each of a message's three frames, decodes properties nobody looks at and
copies the rest of its buffer after each frame: 25 µs a message, more than everything else that
ingest does with it. Here complete deliveries are cut straight out of what arrived. Whatever else
the broker says goes pika's own way. AMQP 0-9-1, sections 2.3.5 and 4.2, has the frames' layout.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from struct import Struct
from typing import Any

import pika
from pika.adapters.select_connection import SelectConnection
from pika.exceptions import InvalidFrameError
from pika.frame import Header

from service_kit.tracing import TRACEPARENT

logger = logging.getLogger(__name__)

#: Delivery tag, the exchange it came by, and body of each message.
Deliveries = list[tuple[int, bytes, bytes]]


class TracedBody(bytes):
    """A body with the traceparent of its message, which it keeps wherever it is handed."""

    traceparent: str


def traceparent_of(body: bytes) -> str | None:
    """What the message's sender said, None if nothing or nobody wanted to know."""
    return body.traceparent if isinstance(body, TracedBody) else None


_METHOD, _HEADER, _BODY = 1, 2, 3
_FRAME_END = 0xCE
#: Class 60, method 60: Basic.Deliver.
_DELIVER = b"\x00\x3c\x00\x3c"
#: Type, channel and size before a frame's payload, one end octet behind it.
_BEFORE, _AROUND = 7, 8
_frame_start = Struct(">BHI").unpack_from
_long_long = Struct(">Q").unpack_from

#: Bytes taken from the socket at once; pika's 4 KiB are a dozen readings.
_RECEIVE_BYTES = 1 << 16


class TolerantConnection(SelectConnection):  # type: ignore[misc]  # pika has no types
    """pika's connection that takes a message with broken properties for one without any.

    Anybody who may publish can write headers at which pika fails, e.g. an instant in the year
    292,277,026,596. They cost pika the connection, each time that somebody looks into the queue.
    """

    def _read_frame(self) -> tuple[int, Any]:
        try:
            consumed, found = super()._read_frame()
        except Exception:
            kind, channel, size = _frame_start(self._frame_buffer, 0)
            if kind != _HEADER or self._frame_buffer[size + _BEFORE] != _FRAME_END:
                raise
            (body_size,) = _long_long(self._frame_buffer, _BEFORE + 4)
            return size + _AROUND, Header(channel, body_size, pika.BasicProperties())
        return consumed, found


class DeliveryConnection(SelectConnection):  # type: ignore[misc]  # pika says no types
    """pika's connection that hands complete deliveries to `on_deliveries`, once that is set.

    Every delivery on the connection goes there, whichever consumer it is for.
    """

    on_deliveries: Callable[[Deliveries], None] | None = None
    #: Whether bodies are to come with their traceparents; else no header is looked into.
    with_traceparent = False
    _braked = False

    def _on_data_available(self, data_in: bytes) -> None:
        if self.on_deliveries is None:
            super()._on_data_available(data_in)
            return
        self._frame_buffer += data_in
        while self._frame_buffer:
            deliveries, taken = take_deliveries(self._frame_buffer, self.with_traceparent)
            if taken:
                self._trim_frame_buffer(taken)
            if deliveries:
                self.on_deliveries(deliveries)
            if not self._frame_buffer or starts_delivery(self._frame_buffer):
                return
            consumed, frame = self._read_frame()
            if not frame:
                return
            self._trim_frame_buffer(consumed)
            self._process_frame(frame)

    def brake(self, on: bool) -> None:
        """Stop or go on reading the socket; the broker then holds what we cannot.

        Longer than the broker's patience with a full socket (15 s) costs the connection, and the
        messages come again: better than memory without a bound.
        """
        transport: Any = self._transport
        if on == self._braked or transport is None:
            return
        descriptor = transport._sock.fileno()
        if descriptor < 0:
            # Closed a moment ago; pika tells at the next event.
            return
        self._braked = on
        if on:
            self._nbio.remove_reader(descriptor)
        else:
            self._nbio.set_reader(descriptor, transport._on_socket_readable)

    def receive_much(self) -> None:
        """Take more from the socket at once than pika does."""
        transport: Any = self._transport
        transport._MAX_RECV_BYTES = _RECEIVE_BYTES


def starts_delivery(buffer: bytes) -> bool:
    """Whether the next frame is, or may yet turn out to be, the begin of a delivery."""
    return buffer[0] == _METHOD and _DELIVER.startswith(buffer[_BEFORE : _BEFORE + 4])


def take_deliveries(buffer: bytes, with_traceparent: bool = False) -> tuple[Deliveries, int]:
    """The complete deliveries at the begin of the buffer, and how many bytes they took.

    Raises InvalidFrameError for frames that are out of step.
    """
    found: Deliveries = []
    position, end = 0, len(buffer)
    while position + _BEFORE + 5 <= end and buffer.startswith(_DELIVER, position + _BEFORE):
        kind, _, size = _frame_start(buffer, position)
        if kind != _METHOD:
            break
        # The consumer's tag, a short string, stands between the method and the delivery's tag.
        tag_at = position + _BEFORE + 5 + buffer[position + _BEFORE + 4]
        header = position + _AROUND + size
        if header + _BEFORE + 12 > end:
            break
        kind, _, header_size = _frame_start(buffer, header)
        body_at = header + _AROUND + header_size
        if body_at > end:
            break
        (body_size,) = _long_long(buffer, header + _BEFORE + 4)
        if kind != _HEADER or buffer[header - 1] != _FRAME_END or buffer[body_at - 1] != _FRAME_END:
            raise InvalidFrameError("a delivery without its header")
        body, position_after = _take_body(buffer, body_at, end, body_size)
        if body is None:
            break
        if with_traceparent:
            body = _traced(body, buffer[header + _BEFORE + 12 : body_at - 1])
        # Tag (8 octets), whether it comes again (1), the exchange's name as a short string.
        exchange_at = tag_at + 10
        exchange = buffer[exchange_at : exchange_at + buffer[exchange_at - 1]]
        found.append((_long_long(buffer, tag_at)[0], exchange, body))
        position = position_after
    return found, position


def _traced(body: bytes, properties: bytes) -> bytes:
    """The body, with the header by which it belongs to a trace if there is one."""
    try:
        found = (pika.BasicProperties().decode(properties).headers or {}).get(TRACEPARENT)
    except Exception as error:
        # Anybody may write headers that pika cannot decode; the connection must outlive them.
        logger.debug("headers that cannot be decoded: %s", error)
        return body
    if not isinstance(found, str):
        return body
    traced = TracedBody(body)
    traced.traceparent = found
    return traced


def _take_body(buffer: bytes, position: int, end: int, size: int) -> tuple[bytes | None, int]:
    """The body's frames as one, None while they are incomplete; where they end."""
    parts: list[bytes] = []
    while size > 0:
        if position + _BEFORE > end:
            return None, position
        kind, _, part_size = _frame_start(buffer, position)
        begin, position = position + _BEFORE, position + _AROUND + part_size
        if position > end:
            return None, position
        if kind != _BODY or part_size > size or buffer[position - 1] != _FRAME_END:
            raise InvalidFrameError("a delivery without its body")
        if part_size == size and not parts:
            return buffer[begin : begin + size], position
        parts.append(buffer[begin : begin + part_size])
        size -= part_size
    return b"".join(parts), position
