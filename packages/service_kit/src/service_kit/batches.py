"""Processing a batch of messages in one transaction, without letting one message block the rest.

A batch that fails is halved until the messages at fault are alone: those of which the database
refuses the data, on which our own code fails, or whose transaction takes longer than a statement
may. Whatever says nothing about a message (no database, a lock, a deadlock, a full disk) is
repeated as it is, for as long as it lasts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.db import DataError, OperationalError, connection

from energy_contracts.errors import Reason
from service_kit.backoff import backoff_seconds
from service_kit.broker import Rejected
from service_kit.database import QUERY_CANCELED, Stopped, run_until_done, sqlstate
from service_kit.signals import StopFlag

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

#: Attempts at a message that is alone and times out: a slow database passes, and must not cost a
#: good reading.
TIMED_OUT_ATTEMPTS = 5

#: The parts of a batch that timed out have a sixth of a statement's time: one of 10,000 messages is
#: found after fourteen halvings, in a minute instead of seven. Locks are given up as much earlier,
#: or a part that waits for one would look as if it timed out.
LESS_TIME = 6

_LESS_TIME = """
SELECT set_config(name, (setting::integer / %s)::text, false) FROM pg_settings
WHERE name IN ('statement_timeout', 'lock_timeout')
"""

#: numeric_value_out_of_range, datetime_field_overflow
_OUT_OF_RANGE = ("22003", "22008")

#: One transaction: stores a batch, returns what it refused.
Work = Callable[[list[bytes]], list[Rejected]]


class TimedOut(Exception):
    """A statement of the work took longer than a statement may."""


def nowhere(_rejected: Rejected) -> None:
    """Record nothing: there is no ledger of such messages."""


def whole(body: bytes) -> list[bytes]:
    """Return the message alone: it has no parts."""
    return [body]


def process_batch(
    bodies: list[bytes],
    work: Work,
    stop: StopFlag,
    *,
    divide: Callable[[bytes], list[bytes]] = whole,
    record: Callable[[Rejected], None] = nowhere,
) -> list[Rejected]:
    """Return what `work` refused and the messages on which it fails; all others are done.

    `divide` returns the parts of a message as messages of their own. `record` notes, in a
    transaction of its own, that a message was rejected on which `work` fails. Raises Stopped.
    """
    return _Processing(work, stop, divide, record).batch(bodies, work)


@dataclass(frozen=True, slots=True)
class _Processing:
    work: Work
    stop: StopFlag
    divide: Callable[[bytes], list[bytes]]
    record: Callable[[Rejected], None]

    def batch(self, bodies: list[bytes], work: Work) -> list[Rejected]:
        try:
            return self.attempt(lambda: work(bodies))
        except Stopped:
            raise
        except Exception as error:
            failure = error
        parts = bodies if len(bodies) > 1 else self.divide(bodies[0])
        if len(parts) == 1:
            return self.alone(parts[0], failure)
        if isinstance(failure, TimedOut):
            logger.warning("%s messages timed out together: %s", len(parts), failure)
            work = self.work_in_less_time
        # Halving finds k bad messages of n in about k log n transactions.
        middle = len(parts) // 2
        return self.batch(parts[:middle], work) + self.batch(parts[middle:], work)

    def alone(self, body: bytes, failure: Exception) -> list[Rejected]:
        """Reject the message at fault; one that timed out only after it did so again and again."""
        while True:
            if isinstance(failure, TimedOut):
                outcome = self.patiently(body, failure)
                if not isinstance(outcome, Exception):
                    return outcome
                failure = outcome
            refused = Rejected(body, *_reason(failure))
            try:
                self.attempt(lambda: self.record(refused))  # noqa: B023 - called before it changes
            except TimedOut:
                # Not even that ends in time: the database is slow, and the message may be good.
                continue
            logger.error("a message could not be processed", exc_info=failure)
            return [refused]

    def patiently(self, body: bytes, failure: Exception) -> list[Rejected] | Exception:
        """Return what `work` refuses of the message, or the last failure of several attempts."""
        for seconds in islice(backoff_seconds(), TIMED_OUT_ATTEMPTS):
            if self.stop.wait(seconds):
                raise Stopped
            try:
                return self.attempt(lambda: self.work([body]))
            except Stopped:
                raise
            except TimedOut as error:
                failure = error
            except Exception as error:
                return error
        return failure

    def attempt(self, transaction: Callable[[], Result]) -> Result:
        """Repeat the transaction while the database is unavailable. Raises TimedOut and Stopped."""

        def timed() -> Result:
            try:
                return transaction()
            except OperationalError as error:
                if sqlstate(error) != QUERY_CANCELED:
                    raise
                raise TimedOut(str(error).splitlines()[0]) from error

        return run_until_done(timed, self.stop)

    def work_in_less_time(self, bodies: list[bytes]) -> list[Rejected]:
        with connection.cursor() as cursor:
            cursor.execute(_LESS_TIME, [LESS_TIME])
            try:
                return self.work(bodies)
            finally:
                cursor.execute("RESET statement_timeout; RESET lock_timeout")


def _reason(failure: Exception) -> tuple[Reason, str]:
    text = f"{type(failure).__name__}: {failure}".strip().splitlines()[0]
    if isinstance(failure, TimedOut):
        attempts = TIMED_OUT_ATTEMPTS + 1
        return Reason.TIMED_OUT, f"not stored in time in {attempts} attempts - {text}"
    if isinstance(failure, DataError) and sqlstate(failure) in _OUT_OF_RANGE:
        return Reason.OUT_OF_RANGE, f"the value, or a sum with it, is too large - {text}"
    return Reason.HANDLER_FAILED, text
