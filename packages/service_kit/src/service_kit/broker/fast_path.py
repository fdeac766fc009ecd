"""A fast path for deliveries: complete ones are cut out of the received bytes.

pika makes an object of each of a message's three frames, decodes properties that nobody reads and
copies the rest of its buffer after each frame: 25 µs a message, more than everything else that
ingest does with it. All other frames go through pika. AMQP 0-9-1, sections 2.3.5 and 4.2, has the
layout of frames. This module is the only one that depends on pika's private attributes, except for
`connection.Connection`; pika's version is pinned, and every test of a consumer runs with this path
and with pika's own (`sources`).
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any

import pika
from pika.adapters.select_connection import SelectConnection
from pika.exceptions import InvalidFrameError
from pika.frame import Header

from service_kit.broker.delivery import Delivery

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
    """A connection of pika that treats a message with broken properties as one without properties.

    Every sender can write headers at which pika fails, such as an instant in the year
    292,277,026,596. They cost pika the connection, each time that a program peeks into the queue.
    """

    def _read_frame(self) -> tuple[int, Any]:
        try:
            consumed, frame = super()._read_frame()
        except Exception:
            kind, channel, size = _frame_start(self._frame_buffer, 0)
            if kind != _HEADER or self._frame_buffer[size + _BEFORE] != _FRAME_END:
                raise
            (body_size,) = _long_long(self._frame_buffer, _BEFORE + 4)
            return size + _AROUND, Header(channel, body_size, pika.BasicProperties())
        return consumed, frame


class PausableConnection(TolerantConnection):
    """A connection that can stop reading its socket, so that the broker keeps the messages."""

    _paused = False

    def pause(self, paused: bool) -> None:
        """Stop or continue reading the socket.

        A pause longer than the broker's patience with a full socket (15 s) costs the connection,
        and the messages come again: better than memory without a bound.
        """
        transport: Any = self._transport
        if paused == self._paused or transport is None:
            return
        descriptor = transport._sock.fileno()
        if descriptor < 0:
            # Closed a moment ago; pika reports it at the next event.
            return
        self._paused = paused
        if paused:
            self._nbio.remove_reader(descriptor)
        else:
            self._nbio.set_reader(descriptor, transport._on_socket_readable)


class FastConnection(PausableConnection):
    """A connection that hands complete deliveries to `on_deliveries`, once that is set.

    Every delivery on the connection goes there, whichever consumer it is for.
    """

    on_deliveries: Callable[[list[Delivery]], None] | None = None

    def start(self, on_deliveries: Callable[[list[Delivery]], None]) -> None:
        """Hand over deliveries from now on, and read more bytes from the socket at once."""
        transport: Any = self._transport
        transport._MAX_RECV_BYTES = _RECEIVE_BYTES
        self.on_deliveries = on_deliveries

    def _on_data_available(self, data_in: bytes) -> None:
        if self.on_deliveries is None:
            super()._on_data_available(data_in)
            return
        self._frame_buffer += data_in
        while self._frame_buffer:
            deliveries, consumed = take_deliveries(self._frame_buffer)
            if consumed:
                self._trim_frame_buffer(consumed)
            if deliveries:
                self.on_deliveries(deliveries)
            if not self._frame_buffer or starts_delivery(self._frame_buffer):
                return
            consumed, frame = self._read_frame()
            if not frame:
                return
            self._trim_frame_buffer(consumed)
            self._process_frame(frame)


def starts_delivery(buffer: bytes) -> bool:
    """Return whether the next frame is, or may turn out to be, the first one of a delivery."""
    return buffer[0] == _METHOD and _DELIVER.startswith(buffer[_BEFORE : _BEFORE + 4])


def take_deliveries(buffer: bytes) -> tuple[list[Delivery], int]:
    """Return the complete deliveries at the start of the buffer, and their number of bytes.

    Raises: InvalidFrameError for frames out of step.
    """
    deliveries: list[Delivery] = []
    position, end = 0, len(buffer)
    make = tuple.__new__  # a third of the cost of the class's own constructor
    last_names, exchange, routing_key = None, "", ""
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
        # Tag (8 octets), whether it is a repetition (1), exchange and routing key as short strings.
        names = buffer[tag_at + 9 : header - 1]
        if names != last_names:
            last_names, exchange, routing_key = names, *_decode_names(names)
        tag = _long_long(buffer, tag_at)[0]
        properties = buffer[header + _BEFORE + 12 : body_at - 1]
        deliveries.append(make(Delivery, (body, exchange, routing_key, tag, properties)))
        position = position_after
    return deliveries, position


def _decode_names(names: bytes) -> tuple[str, str]:
    """Return exchange and routing key, which are two short strings."""
    key_at = 1 + names[0]
    exchange, routing_key = names[1:key_at], names[key_at + 1 : key_at + 1 + names[key_at]]
    return exchange.decode(errors="replace"), routing_key.decode(errors="replace")


def _take_body(buffer: bytes, position: int, end: int, size: int) -> tuple[bytes | None, int]:
    """Return the body of a delivery, None while it is incomplete, and the position after it."""
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
