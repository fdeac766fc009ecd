"""Processing of a batch of messages in one transaction, in which no message blocks the others.

A batch that fails is halved until the messages at fault are alone: those whose data the database
rejects, those on which our own code fails, and those whose transaction takes longer than a
statement may. A failure that is no fault of a message (no database, a lock, a deadlock, a full
disk) is repeated with the same batch for as long as it lasts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.db import DataError, OperationalError, connection

from energy_contracts.errors import Reason
from service_kit.broker import Delivery, Rejected
from service_kit.database.outages import QUERY_CANCELED, run_until_done, sqlstate
from service_kit.process.backoff import backoff_seconds
from service_kit.process.signals import StopFlag, Stopped

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

#: Attempts at a message that is alone and times out: a slow database recovers, and must not cost a
#: good reading.
TIMED_OUT_ATTEMPTS = 5

#: The parts of a batch that timed out have a sixth of a statement's time: one message of 10,000 is
#: isolated after fourteen halvings, in a minute instead of seven. The time for locks is divided
#: alike, or a part that waits for a lock would look as if it timed out.
LESS_TIME = 6

_LESS_TIME = """
SELECT set_config(name, (setting::integer / %s)::text, false) FROM pg_settings
WHERE name IN ('statement_timeout', 'lock_timeout')
"""

#: numeric_value_out_of_range, datetime_field_overflow
_OUT_OF_RANGE = ("22003", "22008")

#: One transaction: stores a batch, returns its rejected messages.
Work = Callable[[list[Delivery]], list[Rejected]]


class TimedOut(Exception):
    """A statement took longer than `statement_timeout` allows."""


def record_nothing(_rejected: Rejected) -> None:
    """Record nothing, for messages without a ledger."""


def undivided(body: bytes) -> list[bytes]:
    """Return the message alone: it has no parts."""
    return [body]


def process_batch(
    deliveries: list[Delivery],
    work: Work,
    stop: StopFlag,
    *,
    divide: Callable[[bytes], list[bytes]] = undivided,
    record: Callable[[Rejected], None] = record_nothing,
) -> list[Rejected]:
    """Return the messages that `work` rejects or on which it fails; all others are committed.

    `divide` returns the parts of a body as messages of their own. `record` notes, in a transaction
    of its own, the rejection of a message on which `work` fails.

    Raises: Stopped.
    """
    return _Processing(work, stop, divide, record).batch(deliveries, work)


@dataclass(frozen=True, slots=True)
class _Processing:
    work: Work
    stop: StopFlag
    divide: Callable[[bytes], list[bytes]]
    record: Callable[[Rejected], None]

    def batch(self, deliveries: list[Delivery], work: Work) -> list[Rejected]:
        try:
            return self.attempt(lambda: work(deliveries))
        except Stopped:
            raise
        except Exception as error:
            failure = error
        parts = deliveries
        if len(parts) == 1:
            parts = [parts[0]._replace(body=body) for body in self.divide(parts[0].body)]
        if len(parts) == 1:
            return self.alone(parts[0], failure)
        if isinstance(failure, TimedOut):
            logger.warning("%s messages timed out together: %s", len(parts), failure)
            work = self.work_in_less_time
        # Halving finds k bad messages of n in about k log n transactions.
        middle = len(parts) // 2
        return self.batch(parts[:middle], work) + self.batch(parts[middle:], work)

    def alone(self, delivery: Delivery, failure: Exception) -> list[Rejected]:
        """Reject the message at fault, after several attempts if it timed out."""
        while True:
            if isinstance(failure, TimedOut):
                outcome = self.retry(delivery, failure)
                if not isinstance(outcome, Exception):
                    return outcome
                failure = outcome
            rejected = Rejected(delivery.body, *_reason(failure))
            try:
                self.attempt(lambda: self.record(rejected))  # noqa: B023 - called before it changes
            except TimedOut:
                # Even that times out: the database is slow, and the message may be good.
                continue
            logger.error("a message could not be processed", exc_info=failure)
            return [rejected]

    def retry(self, delivery: Delivery, failure: Exception) -> list[Rejected] | Exception:
        """Return the parts of the message that `work` rejects, or the last of several failures."""
        for seconds in islice(backoff_seconds(), TIMED_OUT_ATTEMPTS):
            if self.stop.wait(seconds):
                raise Stopped
            try:
                return self.attempt(lambda: self.work([delivery]))
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

    def work_in_less_time(self, deliveries: list[Delivery]) -> list[Rejected]:
        with connection.cursor() as cursor:
            cursor.execute(_LESS_TIME, [LESS_TIME])
            try:
                return self.work(deliveries)
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
