"""The three commands: live readings, history, and the replay of a recorded meter.

Each command returns its exit status: 0 if everything is confirmed, 1 if not, 130 if interrupted.
"""

from __future__ import annotations

import heapq
import json
import logging
import random
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue

from device_simulator.pattern import SimulatedDevice
from device_simulator.progress import Reporter
from device_simulator.publisher import Publisher
from device_simulator.readings import Message, Reading, kwh_text, messages, pack
from device_simulator.recording import (
    Conflict,
    Recording,
    RecordingFormat,
    Skipped,
    check_recording,
    open_recording,
)
from device_simulator.settings import Settings

logger = logging.getLogger(__name__)

SUCCESS, FAILURE, INTERRUPTED = 0, 1, 130

#: Seconds for which an interrupted command still waits for confirmations.
GRACE = 4.0

#: Messages that `run` keeps while the broker is unavailable: some 16 hours of 1,000 devices that
#: report every ten minutes. The oldest are discarded for the newest; `backfill` sends them again.
RUN_CAPACITY = 100_000

#: Seconds of missed intervals that `run` still sends after the computer slept or its clock jumped.
CATCH_UP = 3_600

_SECONDS_PER_DAY = 86_400


# --- run ------------------------------------------------------------------------------------------


class Schedule:
    """The intervals of the devices, in the order in which they end."""

    def __init__(self, devices: Sequence[SimulatedDevice], now: float) -> None:
        """Begin with the interval that ended last before `now`, seconds since the epoch.

        So the first reading appears at once, and none is missing between a backfill and the first
        live reading.
        """
        self._devices = devices
        self._due = [
            (device.last_start_over_by(now) + device.interval_seconds, index)
            for index, device in enumerate(devices)
        ]
        heapq.heapify(self._due)

    def next_due(self) -> float:
        """Return the time at which the next interval is over, in seconds since the epoch."""
        return self._due[0][0]

    def over_by(self, now: float) -> Iterator[Reading]:
        """Yield the readings of every interval that is over and was not yielded yet."""
        while self._due[0][0] <= now:
            over, index = self._due[0]
            device = self._devices[index]
            if now - over > max(CATCH_UP, device.interval_seconds):
                logger.warning(
                    "the clock jumped: %s misses readings; see backfill", device.device_id
                )
                over = device.last_start_over_by(now) + device.interval_seconds
            heapq.heapreplace(self._due, (over + device.interval_seconds, index))
            yield device.reading(over - device.interval_seconds)


def run(settings: Settings, *, queue: str, batch: int, quiet: bool, stop: threading.Event) -> int:
    """Send each device's readings as their intervals end, until `stop` is set.

    Prints a line for each reading that the broker confirmed, unless `quiet`.
    """
    handed_over = 0
    schedule = Schedule(settings.devices, time.time())
    confirmed = None if quiet else SimpleQueue[Message]()
    names = {device.device_id: device.name for device in settings.devices}
    publisher = Publisher(
        settings.rabbitmq, queue=queue, capacity=RUN_CAPACITY, confirmed_messages=confirmed
    )
    logger.info("simulating devices: %d", len(settings.devices))
    with publisher, Reporter("run", line_every=600.0) as reporter:
        while not stop.is_set():
            for message in messages(schedule.over_by(time.time()), batch):
                publisher.offer(message)
                handed_over += message.readings
            reporter.show(None, handed_over, publisher.confirmed)
            _print_confirmed(confirmed, names)
            # At most a second: the clock may be set, and a rejection has to end the loop.
            stop.wait(min(1.0, max(0.0, schedule.next_due() - time.time())))
            publisher.raise_rejection()
        publisher.wait_confirmed(GRACE)
        _print_confirmed(confirmed, names)
    given_up = f", given up {publisher.discarded}" if publisher.discarded else ""
    print(f"sent {publisher.confirmed}{_unconfirmed(publisher)}{given_up}")
    return SUCCESS


def _print_confirmed(confirmed: SimpleQueue[Message] | None, names: Mapping[str, str]) -> None:
    """Print a line for each reading of the messages confirmed since the last call."""
    while confirmed is not None and not confirmed.empty():
        content = json.loads(confirmed.get().body, parse_float=Decimal)
        for reading in content if isinstance(content, list) else [content]:
            device_id, value = reading["device_id"], reading["measurement_value"]
            name = names[device_id]
            device = f"{device_id} ({name})" if name else device_id
            print(f"{reading['timestamp']}  {device}  {value} kWh  confirmed", flush=True)


# --- backfill -------------------------------------------------------------------------------------


def backfill(
    settings: Settings,
    *,
    days: int,
    until: float,
    queue: str,
    batch: int,
    stop: threading.Event,
) -> int:
    """Send the history of the `days` before `until` (seconds since the epoch), oldest first."""
    since = until - days * _SECONDS_PER_DAY
    total = sum(device.history_length(since, until) for device in settings.devices)
    readings = heapq.merge(
        *(device.history(since, until) for device in settings.devices),
        key=lambda reading: reading.timestamp,
    )
    with Publisher(settings.rabbitmq, queue=queue) as publisher, Reporter("backfill") as reporter:
        sending = _Sending(publisher, reporter, stop)
        complete = sending.send(messages(readings, batch), lambda: publisher.confirmed / total)
        confirmed = sending.finish()
    print(f"sent {publisher.confirmed} of {total}{_unconfirmed(publisher)}")
    return _status(complete and confirmed, stop)


# --- replay ---------------------------------------------------------------------------------------


@dataclass
class Tally:
    """Rows read, and the reasons why some were skipped."""

    rows: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    first_lines: dict[str, int] = field(default_factory=dict)

    def readings(self, rows: Iterable[Reading | Skipped]) -> Iterator[Reading]:
        """Yield the readings among the rows, and count all rows."""
        for row in rows:
            self.rows += 1
            if isinstance(row, Reading):
                yield row
            else:
                self.skipped[row.reason] += 1
                self.first_lines.setdefault(row.reason, row.line)

    def lines(self, sent: int, unconfirmed: str) -> Iterator[str]:
        """Yield the lines of the summary."""
        yield f"rows read {self.rows}, sent {sent}, skipped {self.skipped.total()}{unconfirmed}"
        for reason, count in self.skipped.most_common():
            yield f"skipped {count}: {reason} (first at line {self.first_lines[reason]})"


@dataclass(frozen=True)
class Replay:
    """The arguments of `replay`."""

    path: Path
    device_id: str
    form: RecordingFormat
    rabbitmq: str
    queue: str
    batch: int
    speed: float | None = None
    """Factor of the recorded pace; None: as fast as the broker confirms."""
    shuffle_seed: int | None = None


def replay(options: Replay, stop: threading.Event) -> int:
    """Send a recording. Raises OSError and ColumnError before anything is sent."""
    _warn_of_conflicts(check_recording(options.path, options.form, options.device_id, stop))
    tally = Tally()
    with (
        open_recording(options.path, options.form, options.device_id) as recording,
        Publisher(options.rabbitmq, queue=options.queue) as publisher,
        Reporter("replay") as reporter,
    ):
        sending = _Sending(publisher, reporter, stop)
        try:
            to_send, share = _in_order(options, recording, tally, stop, publisher)
            complete = sending.send(to_send, share)
        except (OSError, EOFError, zlib.error) as error:
            logger.error("the file cannot be read to its end: %s", error)
            complete = False
        confirmed = sending.finish()
    for line in tally.lines(publisher.confirmed, _unconfirmed(publisher)):
        print(line)
    if complete and confirmed and tally.rows and not publisher.confirmed:
        logger.error("no row could be sent")
        return FAILURE
    return _status(complete and confirmed, stop)


def _warn_of_conflicts(conflicts: Sequence[Conflict]) -> None:
    """Warn that the platform will store one of two values and list the other as a dead letter."""
    if not conflicts:
        return
    first = conflicts[0]
    logger.warning(
        "%d times an instant has a second, different value (first: %s kWh at line %d, %s kWh at "
        "line %d); the platform stores the one that arrives first and rejects the other",
        len(conflicts),
        kwh_text(first.first_mwh),
        first.first_line,
        kwh_text(first.second_mwh),
        first.second_line,
    )


def _in_order(
    options: Replay,
    recording: Recording,
    tally: Tally,
    stop: threading.Event,
    publisher: Publisher,
) -> tuple[Iterator[Message], Callable[[], float]]:
    """Return the messages in the requested order and pace, and a function of the share sent."""
    readings = tally.readings(recording.rows())
    if options.speed is None and options.shuffle_seed is None:
        return messages(readings, options.batch), recording.read_share
    known = list(readings)
    if options.speed is None:
        random.Random(options.shuffle_seed).shuffle(known)
        to_send = messages(known, options.batch)
    else:
        # A meter's time runs forward, whatever the order of the export.
        known.sort(key=lambda reading: reading.timestamp)
        to_send = paced(known, options.speed, options.batch, stop)
    return to_send, lambda: publisher.confirmed / max(1, len(known))


def paced(
    readings: Sequence[Reading], speed: float, batch: int, stop: threading.Event
) -> Iterator[Message]:
    """Yield messages as the recorded time passes, `speed` times as fast, until `stop` is set."""
    began = time.monotonic()
    pending: list[str] = []
    for reading in readings:
        recorded = (reading.timestamp - readings[0].timestamp).total_seconds()
        if pending and began + recorded / speed > time.monotonic():
            yield pack(pending)  # a due reading does not wait for the next
            pending = []
        if stop.wait(max(0.0, began + recorded / speed - time.monotonic())):
            return
        pending.append(reading.json())
        if len(pending) >= batch:
            yield pack(pending)
            pending = []
    if pending:
        yield pack(pending)


# --- common ---------------------------------------------------------------------------------------


class _Sending:
    """Hands messages to the publisher and shows the progress."""

    def __init__(self, publisher: Publisher, reporter: Reporter, stop: threading.Event) -> None:
        self.handed_over = 0
        self._share: Callable[[], float] = lambda: 0.0
        self._publisher = publisher
        self._reporter = reporter
        self._stop = stop

    def send(self, to_send: Iterable[Message], share: Callable[[], float]) -> bool:
        """Hand over every message; return False if stopped before the last.

        `share` returns the part of the work that is done, 0 to 1.
        """
        self._share = share
        for message in to_send:
            if not self._publisher.publish(message, self._stop):
                return False
            self.handed_over += message.readings
            self._show()
            if self._stop.is_set():
                return False
        return not self._stop.is_set()

    def finish(self) -> bool:
        """Wait for all confirmations, without limit, or for GRACE seconds once stopped."""
        while not self._publisher.wait_confirmed(1.0, self._stop):
            self._show()
            if self._stop.is_set():
                return self._publisher.wait_confirmed(GRACE)
        self._show()
        return True

    def _show(self) -> None:
        self._reporter.show(self._share(), self.handed_over, self._publisher.confirmed)


def _unconfirmed(publisher: Publisher) -> str:
    return f", not confirmed {publisher.unconfirmed}" if publisher.unconfirmed else ""


def _status(done: bool, stop: threading.Event) -> int:
    if done:
        return SUCCESS
    return INTERRUPTED if stop.is_set() else FAILURE
