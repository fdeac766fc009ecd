"""The confirmed readings, and the place of each at the end: the proof that none is lost.

The method is Jepsen's: a sender remembers every reading that the broker confirmed; in the end each
must be stored or be a dead letter, and none may be counted twice.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from service_kit.broker import BrokerUnavailable, ConfirmingPublisher, Message
from service_kit.testing.waiting import wait_until

from ..support.installation import READINGS_QUEUE, Installation, World
from ..support.levers import broker_control

#: The readings' instants: one a second from here, so that every number is an instant of its own.
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)

#: The number at whose instant the cumulative device got another meter, which counts from 0.
REPLACED_AT = 200

#: Numbers sent at once; how many are unconfirmed when something breaks.
BATCH = 50

#: Between two batches. Without it a quick machine fills the queue with a million messages during a
#: fault, and the broker needs minutes to take back those of a killed consumer.
PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class Account:
    """The sums of one run."""

    confirmed: int
    stored: int
    dead_lettered: int
    lost: int
    doubled: int

    def __str__(self) -> str:
        return (
            f"confirmed {self.confirmed}, stored {self.stored}, "
            f"dead-lettered {self.dead_lettered}, lost {self.lost}, doubled {self.doubled}"
        )


class IdLedger:
    """A sender of numbered readings of an interval and a cumulative device, and their account.

    Each number is sent as a reading of `device_id` and as a register of `register_id`.
    """

    def __init__(self, world: World, device_id: str | None = None) -> None:
        self.world, self.installation = world, world.installation
        self.device_id = device_id or world.device(name="fault")
        self.register_id = world.device(name="fault registers", reading_kind="cumulative")
        self.confirmed: set[int] = set()
        self.sent = 0
        self.before = world.ledger()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> IdLedger:
        self._thread.start()
        self.await_confirmed(300)
        self._replace_meter()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join(180)
        assert not self._thread.is_alive()

    def await_confirmed(self, more: int, seconds: float = 120) -> None:
        """Wait until that many more readings have been confirmed."""
        goal = len(self.confirmed) + more
        wait_until(lambda: len(self.confirmed) >= goal, seconds, f"{more} more were not confirmed")

    def reading(self, number: int) -> dict[str, Any]:
        """Return the reading with this number; its energy is the number in mWh."""
        instant = BEGIN + timedelta(seconds=number)
        return {
            "device_id": self.device_id,
            "timestamp": instant.isoformat(),
            "measurement_value": number / 1_000_000,
        }

    def register(self, number: int) -> dict[str, Any]:
        """Return the register with this number: the energy of all numbers up to it."""
        begin = register_milliwh(REPLACED_AT) if number > REPLACED_AT else 0
        return {
            **self.reading(number),
            "device_id": self.register_id,
            "measurement_value": (register_milliwh(number) - begin) / 1_000_000,
        }

    def _replace_meter(self) -> None:
        """Declare the other meter of the cumulative device, whose registers have been sent."""
        body = {
            "replaced_at": (BEGIN + timedelta(seconds=REPLACED_AT)).isoformat(),
            "serial_number": uuid4().hex,
            "closing": {"main": register_milliwh(REPLACED_AT) / 1_000_000},
            "opening": {"main": 0},
        }
        answer = self.world.admin.post(f"/api/devices/{self.register_id}/meters/", body)
        assert answer.status_code == 201, answer.text

    def _send(self) -> None:
        publisher = ConfirmingPublisher(self.installation.broker_url, "id-ledger")
        waiting: list[int] = []
        while waiting or not self._stop.is_set():
            if not waiting:
                waiting = list(range(self.sent, self.sent + BATCH))
                self.sent += BATCH
            messages = [
                Message("", READINGS_QUEUE, json.dumps(body).encode(), uuid4().hex)
                for n in waiting
                for body in (self.reading(n), self.register(n))
            ]
            try:
                unconfirmed = {i // 2 for i in publisher.publish(messages)}
            except BrokerUnavailable:
                time.sleep(0.2)  # the fault being tested; the loop is its own waiting
                continue
            self.confirmed |= {n for i, n in enumerate(waiting) if i not in unconfirmed}
            waiting = [n for i, n in enumerate(waiting) if i in unconfirmed]
            self._stop.wait(PAUSE_SECONDS)
        publisher.close()

    def account(self) -> Account:
        """Wait until every sent reading is settled; print and return the sums."""
        queue, fault = READINGS_QUEUE, "the queue was not emptied"
        # First the part that costs little: `_held` starts a program of the broker's.
        wait_until(lambda: self.installation.depth(queue) == 0, 180, fault)
        wait_until(lambda: not self._held(), 180, fault)
        stored, registers = self.stored(), self.stored_registers()
        dead = {
            round(json.loads(body)["measurement_value"] * 1_000_000)
            for _, body in self.installation.take_dead_letters()
            if self.device_id.encode() in body
        }
        energy, count = self._hours_of(self.device_id)
        doubled = count - len(stored)
        account = Account(
            confirmed=len(self.confirmed),
            stored=len(stored & self.confirmed),
            dead_lettered=len(dead & self.confirmed),
            lost=len(self.confirmed - ((stored | dead) & registers)),
            doubled=doubled,
        )
        print(f"\n    {account}")
        assert doubled or energy == sum(stored)
        used = register_milliwh(max(registers)) - register_milliwh(min(registers))
        # The event of the meter may still be on its way.
        wait_until(lambda: self._hours_of(self.register_id)[0] == used, 60)
        return account

    def _hours_of(self, device_id: str) -> tuple[int, int]:
        """Return the energy (mWh) and the number of readings of a device's hours."""
        ((energy, count),) = self.installation.query(
            "monitoring_service",
            "SELECT coalesce(sum(energy_milliwh), 0), coalesce(sum(reading_count), 0) "
            "FROM hour JOIN device ON key = device_key WHERE device_id = %s",
            device_id,
        )
        return int(energy), int(count)

    def _held(self) -> bool:
        """Return whether the queue or a consumer holds messages: all others are committed."""
        output = broker_control(self.installation, "list_queues", "--silent", "name", "messages")
        return dict(line.split("\t") for line in output.splitlines())[READINGS_QUEUE] != "0"

    def stored(self) -> set[int]:
        """Return the numbers of the stored readings."""
        return self._numbers_of(self.device_id)

    def stored_registers(self) -> set[int]:
        """Return the numbers of the stored registers."""
        return self._numbers_of(self.register_id)

    def _numbers_of(self, device_id: str) -> set[int]:
        rows = self.installation.query(
            "monitoring_service",
            "SELECT extract(epoch FROM started_at - %s)::int FROM reading "
            "JOIN device ON key = device_key WHERE device_id = %s",
            BEGIN,
            device_id,
        )
        return {number for (number,) in rows}


def register_milliwh(number: int) -> int:
    """Return the sum of the energies of all numbers up to this one."""
    return number * (number + 1) // 2


def expect_nothing_lost(ledger: IdLedger, *, dead_lettered: int = 0) -> Account:
    """Return the run's account; fail if a reading is lost, doubled or wrongly rejected."""
    account = ledger.account()
    assert account.confirmed > 0
    assert (account.lost, account.doubled) == (0, 0)
    assert account.dead_lettered == dead_lettered
    totals = ledger.world.received_since(ledger.before)
    assert totals["rejected"] == dead_lettered
    return account


def restarts_of(installation: Installation, name: str) -> int:
    return installation.process(name)["restarts"]
