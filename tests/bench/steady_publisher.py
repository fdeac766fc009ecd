"""A process that publishes readings at a steady pace, with confirms, and prints its counts.

The process represents thousands of meters on other machines, so it must cost next to nothing: pika
makes the envelope of a message once for each length, and takes the messages of a moment together.
"""

from __future__ import annotations

import json
import random
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import pika
from pika.adapters.select_connection import SelectConnection

from readings import DEVICES, QUEUE, device_ids, instants
from service_kit.broker.connection import with_own_socket_pair

#: Seconds between two pieces.
TICK_SECONDS = 0.01
#: Seconds' worth of messages that may be without a confirm; then the pace is not kept.
UNCONFIRMED_SECONDS = 2


@dataclass
class Published:
    """Readings that the broker confirmed, and the seconds that took; `processor`: ours."""

    readings: int
    seconds: float
    processor: float


def bodies(count: int, per_message: int) -> Iterator[bytes]:
    """Yield messages with `count` readings: interval after interval, devices in random order."""
    shuffled = random.Random(2)
    ids = [str(device_id).encode() for device_id in device_ids(DEVICES)]
    values = [b"%.6f" % shuffled.uniform(0, 0.5) for _ in range(997)]
    number, batch = 0, []
    for instant in instants(-(-count // DEVICES)):
        shuffled.shuffle(ids)
        stamp = instant.isoformat().replace("+00:00", "Z").encode()
        for device_id in ids:
            batch.append(
                b'{"timestamp":"%s","device_id":"%s","measurement_value":%s}'
                % (stamp, device_id, values[number % 997])
            )
            number += 1
            if len(batch) == per_message or number == count:
                yield batch[0] if per_message == 1 else b"[%s]" % b",".join(batch)
                batch = []
            if number == count:
                return


class Publisher:
    """One connection; `run` returns when everything is confirmed."""

    def __init__(self, url: str, readings_per_second: float, seconds: float, per_message: int):
        self._count = round(readings_per_second * seconds)
        self._messages = -(-self._count // per_message)
        self._pace = readings_per_second / per_message
        self._bodies = bodies(self._count, per_message)
        self._envelopes: dict[int, bytes] = {}
        self._sent = 0
        self._confirmed_up_to = 0
        self._confirmed_beyond: set[int] = set()
        self._channel: Any = None
        self._connection = with_own_socket_pair(
            lambda: SelectConnection(
                pika.URLParameters(url),
                on_open_callback=lambda opened: opened.channel(on_open_callback=self._opened),
                on_open_error_callback=self._lost,
                on_close_callback=self._closed,
            )
        )

    def run(self) -> Published:
        self._connection.ioloop.start()
        if self._confirmed() < self._messages:
            raise RuntimeError("the connection to the broker was lost")
        return Published(self._count, self._end - self._begin, time.process_time())

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.confirm_delivery(self._on_confirm, callback=self._start)

    def _start(self, _: Any) -> None:
        self._begin = time.perf_counter()
        self._tick()

    def _tick(self) -> None:
        due = min(self._messages, round(self._pace * (time.perf_counter() - self._begin)))
        room = round(self._pace * UNCONFIRMED_SECONDS) - (self._sent - self._confirmed())
        piece = list(islice(self._bodies, max(0, min(due - self._sent, room))))
        if piece:
            self._sent += len(piece)
            framed = b"".join(self._envelope(len(body)) + body + b"\xce" for body in piece)
            self._connection._output_marshaled_frames([framed])
        if self._sent < self._messages:
            self._connection.ioloop.call_later(TICK_SECONDS, self._tick)

    def _envelope(self, length: int) -> bytes:
        envelope = self._envelopes.get(length)
        if envelope is None:
            number = self._channel.channel_number
            method = pika.spec.Basic.Publish(routing_key=QUEUE)
            properties = pika.BasicProperties(delivery_mode=2)
            envelope = pika.frame.Method(number, method).marshal()
            envelope += pika.frame.Header(number, length, properties).marshal()
            envelope += struct.pack(">BHI", pika.spec.FRAME_BODY, number, length)
            self._envelopes[length] = envelope
        return envelope

    def _confirmed(self) -> int:
        return self._confirmed_up_to + len(self._confirmed_beyond)

    def _on_confirm(self, frame: Any) -> None:
        if isinstance(frame.method, pika.spec.Basic.Nack):
            raise RuntimeError("the broker rejected a message")
        tag = frame.method.delivery_tag
        if frame.method.multiple:
            self._confirmed_up_to = max(tag, self._confirmed_up_to)
            self._confirmed_beyond = {
                confirmed for confirmed in self._confirmed_beyond if confirmed > tag
            }
        else:
            self._confirmed_beyond.add(tag)
        if self._confirmed() == self._messages:
            self._end = time.perf_counter()
            self._connection.close()

    def _lost(self, connection: SelectConnection, error: BaseException) -> None:
        raise error

    def _closed(self, connection: SelectConnection, _: BaseException) -> None:
        connection.ioloop.stop()


def main(url: str, readings_per_second: str, seconds: str, per_message: str) -> None:
    publisher = Publisher(url, float(readings_per_second), float(seconds), int(per_message))
    print(json.dumps(asdict(publisher.run())))


if __name__ == "__main__":
    main(*sys.argv[1:])
