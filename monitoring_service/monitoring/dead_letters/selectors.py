"""Reads of the dead letters: readings that could not be stored, with the reason of each.

The dead letters are read from the queue itself and not copied. Anybody with a credential of the
broker may write into the queue through the default exchange. A letter that did not come by the
exchange of dead letters, to which only services may write, is foreign, and its headers are ignored.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A reading, or a whole message, that was rejected."""

    message_id: str
    reason: str
    detail: str
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
    return [_listed(letter) for letter in letters if reason in (None, reason_of(letter))]


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


def _detail_of(message: QueuedMessage) -> str:
    if message.exchange != DEAD_LETTER_EXCHANGE:
        return _FOREIGN
    if message.routing_key == DEAD_LETTERS:
        return str(message.headers.get(DETAIL_HEADER, ""))
    return "The broker moved it here itself."


def _listed(message: QueuedMessage) -> DeadLetter:
    text = message.body[: 4 * MAX_SHOWN].decode("utf-8", errors="replace")
    return DeadLetter(
        message_id=message.message_id,
        reason=reason_of(message),
        detail=_detail_of(message),
        body=text[:MAX_SHOWN],
        body_truncated=len(message.body) > 4 * MAX_SHOWN or len(text) > MAX_SHOWN,
        size=len(message.body),
    )
