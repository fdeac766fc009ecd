"""Readings that could not be stored, listed with the reason.

The queue of dead letters is the truth; nothing is copied from it. Whoever may publish anything may
write into the queue through the default exchange: what did not come by the exchange of dead
letters, to which services alone may write, is foreign, and nothing that it claims is believed.
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
from service_kit.broker import BROKER_UNAVAILABLE, QueuedMessage, peek
from service_kit.errors import Unavailable

#: Dead letters that are looked at, the oldest first.
MAX_LISTED = 500

#: Characters of a body that are shown.
MAX_SHOWN = 2_000

#: Key of the lock of whoever looks into the queue: two at once would each see a part of it.
LOCK_KEY = 0x44454144

#: Longest wait of a request for that lock, which a replay holds for a slice of its work.
LOCK_TIMEOUT = "10s"

DEAD_LETTERS = dead_letter_queue(READINGS_QUEUE)

_FOREIGN = (
    f"It did not come by the exchange {DEAD_LETTER_EXCHANGE!r}, so somebody outside of the "
    "platform, or a version of it before that exchange, wrote it. What it claims is not shown."
)

#: The broker's own words for a message that it moved itself.
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
            found = peek(settings.RABBITMQ_URL, DEAD_LETTERS, MAX_LISTED)
        except BROKER_UNAVAILABLE as error:
            words = "The message broker does not answer, try again in a few seconds."
            raise Unavailable(words) from error
    return [_shown(one) for one in found if reason is None or reason_of(one) == reason]


def lock_dead_letters() -> None:
    """Keep others out of the queue until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])


def reason_of(message: QueuedMessage) -> str:
    """Return why the message is here: the word of whoever wrote it, as far as we know who did.

    A service's letter has the queue of dead letters as its routing key. One that the broker moved
    has the headers of its sender, so that only the broker's own words are taken from them.
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


def _shown(message: QueuedMessage) -> DeadLetter:
    text = message.body[: 4 * MAX_SHOWN].decode("utf-8", errors="replace")
    return DeadLetter(
        message_id=message.message_id,
        reason=reason_of(message),
        detail=_detail_of(message),
        body=text[:MAX_SHOWN],
        body_truncated=len(message.body) > 4 * MAX_SHOWN or len(text) > MAX_SHOWN,
        size=len(message.body),
    )
