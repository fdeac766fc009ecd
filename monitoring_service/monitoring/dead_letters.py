"""Readings that could not be stored: listed with the reason, and sent again.

The queue of dead letters is the truth; nothing is copied from it. Sending again is harmless: what
was stored meanwhile is a duplicate, and what is refused again comes back with its reason.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from energy_contracts.names import (
    DETAIL_HEADER,
    READINGS_QUEUE,
    REASON_HEADER,
    dead_letter_queue,
)
from service_kit.broker import BROKER_AWAY, Moved, QueuedMessage, move, peek
from service_kit.errors import Unavailable

#: Dead letters that are looked at, the oldest first.
MAX_LISTED = 500

#: Characters of a body that are shown.
MAX_SHOWN = 2_000

#: Key of the lock of whoever looks into the queue: two at once would each see a part of it.
LOCK_KEY = 0x44454144

DEAD_LETTERS = dead_letter_queue(READINGS_QUEUE)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A reading, or a whole message, that was refused."""

    message_id: str
    reason: str
    detail: str
    body: str
    body_truncated: bool
    size: int


def dead_letters(reason: str | None = None) -> list[DeadLetter]:
    """The oldest dead letters, of one reason if asked. Raises Unavailable without a broker."""
    with transaction.atomic():
        _lock()
        try:
            found = peek(settings.RABBITMQ_URL, DEAD_LETTERS, MAX_LISTED)
        except BROKER_AWAY as error:
            raise _away() from error
    return [_shown(one) for one in found if reason is None or _reason(one) == reason]


def dead_letters_replay(message_ids: Collection[str] | None) -> Moved:
    """Send those of these ids again, or all there are now. Raises Unavailable without a broker."""
    wanted = None if message_ids is None else frozenset(message_ids)
    with transaction.atomic():
        _lock()
        try:
            return move(
                settings.RABBITMQ_URL,
                DEAD_LETTERS,
                READINGS_QUEUE,
                lambda one: wanted is None or one.message_id in wanted,
            )
        except BROKER_AWAY as error:
            raise _away() from error


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])


def _away() -> Unavailable:
    return Unavailable("The message broker does not answer, try again in a few seconds.")


def _reason(message: QueuedMessage) -> str:
    """Ours, or the broker's own word for a message that it moved itself."""
    return _text(message.headers, REASON_HEADER, "x-first-death-reason") or "unknown"


def _text(headers: dict[str, Any], *names: str) -> str:
    found = [str(headers[name]) for name in names if name in headers]
    return found[0] if found else ""


def _shown(message: QueuedMessage) -> DeadLetter:
    text = message.body[: 4 * MAX_SHOWN].decode("utf-8", errors="replace")
    return DeadLetter(
        message_id=message.message_id,
        reason=_reason(message),
        detail=_text(message.headers, DETAIL_HEADER),
        body=text[:MAX_SHOWN],
        body_truncated=len(message.body) > 4 * MAX_SHOWN or len(text) > MAX_SHOWN,
        size=len(message.body),
    )
