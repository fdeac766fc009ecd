"""Reads of the dead letters: readings that could not be stored, with the reason of each.

The dead letters are read from the queue itself and not copied. Anybody with a credential of the
broker may write into the queue through the default exchange. A letter that did not come by the
exchange of dead letters, to which only services may write, is foreign, and its headers are ignored.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, connection, transaction

from energy_contracts.errors import Reason
from energy_contracts.names import (
    DEAD_LETTER_EXCHANGE,
    DETAIL_HEADER,
    READINGS_QUEUE,
    REASON_HEADER,
    dead_letter_queue,
)
from monitoring.models import DeadLetterDiscard, DeadLetterReplay, Device
from service_kit.api.errors import Unavailable
from service_kit.broker import BROKER_UNAVAILABLE, QueuedMessage, peek

#: Dead letters in one list, the oldest first.
MAX_LISTED = 500

#: Characters of a body in a list.
MAX_SHOWN = 2_000

#: Key of the lock that every read of the queue takes: of two reads at once, each would return a
#: part of the letters.
LOCK_KEY = 0x44454144

#: The longest that a request waits for that lock, which a replay holds for a slice of its work.
LOCK_TIMEOUT = "10s"

DEAD_LETTERS = dead_letter_queue(READINGS_QUEUE)

_FOREIGN = (
    f"It did not come by the exchange {DEAD_LETTER_EXCHANGE!r}, so a program outside of the "
    "platform, or a release before that exchange, wrote it. Its headers are not shown."
)

#: The reasons that the broker gives for a message that it moved itself.
_BROKERS_REASONS = ("rejected", "expired", "maxlen", "delivery_limit")


#: Reasons for which a message comes back however often it is sent: it is broken itself, or
#: something that cannot change any more excludes it.
_FINAL = frozenset(
    {
        Reason.NOT_JSON,
        Reason.WRONG_SHAPE,
        Reason.MISSING_FIELD,
        Reason.WRONG_TYPE,
        Reason.INVALID_TIMESTAMP,
        Reason.OUT_OF_RANGE,
        Reason.TOO_LARGE,
        Reason.TOO_MANY_READINGS,
        Reason.TOO_OLD,
        Reason.DEVICE_DELETED,
        Reason.DEVICE_RETIRED,
        Reason.CONFLICT,
    }
)

#: The field that the text of a decoder names.
_NAMED_FIELD = re.compile(r"at `\$\.(\w+)`|field `(\w+)`")

#: The device of a reading, also of one that is not JSON; bytes of a body that are searched for it.
_DEVICE_ID = re.compile(rb'"device_id"\s*:\s*"([0-9a-fA-F-]{36})"')
_SEARCHED = 65_536


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A reading, or a whole message, that was rejected.

    `device_id` is the one device that the body names; `device_name` is None unless it is
    registered. `field` is the field that the reason is about, if it is about one.
    """

    message_id: str
    reason: str
    detail: str
    field: str | None
    retryable: bool
    dead_lettered_at: datetime | None
    device_id: UUID | None
    device_name: str | None
    body: str
    body_truncated: bool
    size: int


def dead_letters(reason: str | None = None) -> list[DeadLetter]:
    """Return the oldest dead letters, of one reason if given. Raises Unavailable."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        try:
            lock_dead_letters()
        except OperationalError as error:
            raise Unavailable("Dead letters are being sent again, try again later.") from error
        try:
            letters = peek(settings.RABBITMQ_URL, DEAD_LETTERS, MAX_LISTED)
        except BROKER_UNAVAILABLE as error:
            detail = "The message broker does not answer, try again in a few seconds."
            raise Unavailable(detail) from error
    chosen = [letter for letter in letters if reason in (None, reason_of(letter))]
    device_ids = [_device_id_of(letter) for letter in chosen]
    names = _names_of([device_id for device_id in device_ids if device_id is not None])
    return [
        _listed(letter, device_id, names.get(device_id) if device_id else None)
        for letter, device_id in zip(chosen, device_ids, strict=True)
    ]


def lock_dead_letters() -> None:
    """Keep other reads out of the queue until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])


def reason_of(message: QueuedMessage) -> str:
    """Return the reason why the message is in the queue, `foreign` if its writer is unknown.

    A letter of a service has the queue of dead letters as its routing key. A message that the
    broker moved still has the headers of its sender, so only the broker's own header is read.
    """
    if message.exchange != DEAD_LETTER_EXCHANGE:
        return Reason.FOREIGN
    if message.routing_key == DEAD_LETTERS:
        return str(message.headers.get(REASON_HEADER, "")) or "unknown"
    moved = message.headers.get("x-first-death-reason")
    return moved if moved in _BROKERS_REASONS else "unknown"


def is_retryable(message: QueuedMessage) -> bool:
    """Return whether the message may be stored when it is sent again."""
    return reason_of(message) not in _FINAL


def _device_id_of(message: QueuedMessage) -> UUID | None:
    """Return the device that the body names, None if it names none or several."""
    named = {value.lower() for value in _DEVICE_ID.findall(message.body[:_SEARCHED])}
    try:
        return UUID(named.pop().decode()) if len(named) == 1 else None
    except ValueError:
        return None


def _names_of(device_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the names of those devices that are registered and not deleted."""
    devices = Device.objects.filter(device_id__in=device_ids, registered=True, deleted=False)
    return dict(devices.values_list("device_id", "name"))


def _detail_of(message: QueuedMessage) -> str:
    if message.exchange != DEAD_LETTER_EXCHANGE:
        return _FOREIGN
    if message.routing_key == DEAD_LETTERS:
        return str(message.headers.get(DETAIL_HEADER, ""))
    return "The broker moved it here itself."


def _listed(message: QueuedMessage, device_id: UUID | None, device_name: str | None) -> DeadLetter:
    text = message.body[: 4 * MAX_SHOWN].decode("utf-8", errors="replace")
    detail = _detail_of(message)
    named = _NAMED_FIELD.search(detail)
    return DeadLetter(
        message_id=message.message_id,
        reason=reason_of(message),
        detail=detail,
        field=None if named is None else named[1] or named[2],
        retryable=is_retryable(message),
        dead_lettered_at=_arrival_of(message),
        device_id=device_id,
        device_name=device_name,
        body=text[:MAX_SHOWN],
        body_truncated=len(message.body) > 4 * MAX_SHOWN or len(text) > MAX_SHOWN,
        size=len(message.body),
    )


def _arrival_of(message: QueuedMessage) -> datetime | None:
    """Return when the message became a dead letter, None if its sender set no valid time."""
    if message.sent_at is None:
        return None
    try:
        return datetime.fromtimestamp(message.sent_at, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def await_finished(work: DeadLetterReplay | DeadLetterDiscard, seconds: float) -> None:
    """Wait until a replay or discard is finished, at most some seconds, and refresh it."""
    end = time.monotonic() + seconds
    while work.finished_at is None and time.monotonic() < end:
        time.sleep(0.05)
        work.refresh_from_db()
