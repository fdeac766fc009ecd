"""Discards of dead letters: requested by an administrator, done in the background in slices.

A letter leaves the queue for good, so each slice is counted first. A process that is killed between
the count and the removal leaves the ids of the slice in the row: the next attempt removes those
letters that are still in the queue, and counts none of them twice. The ledger does not change: a
discarded reading was rejected, and stays counted as that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from monitoring.calendar.clock import now
from monitoring.dead_letters.selectors import DEAD_LETTERS, lock_dead_letters, reason_of
from monitoring.models import DeadLetterDiscard
from service_kit.access.authentication import Principal
from service_kit.api.ordering import Ordering
from service_kit.broker import QueuedMessage, remove, select

#: Letters discarded together.
SLICE = 1_000

LATEST_DISCARDS = Ordering.by("-id", is_unique=True)


def discard_list() -> QuerySet[DeadLetterDiscard]:
    """Return all discards, the latest first."""
    return LATEST_DISCARDS.sort(DeadLetterDiscard.objects.all())


def discard_request(
    actor: Principal, message_ids: Sequence[str] | None = None, reason: str = ""
) -> DeadLetterDiscard:
    """Return a new discard of these letters; without ids of all with the reason, or of all."""
    return DeadLetterDiscard.objects.create(
        requested_by=actor.id,
        requested_by_name=actor.username,
        message_ids=None if message_ids is None else sorted(set(message_ids)),
        reason=reason,
    )


def discard_next_slice() -> DeadLetterDiscard | None:
    """Discard a slice of the oldest unfinished request; return it, None if there is nothing to do.

    Raises one of BROKER_UNAVAILABLE or of Django's database errors; the slice is repeated then.
    """
    discard = _count_slice()
    if discard is not None and discard.pending:
        _remove_counted()
    return discard


def _oldest() -> DeadLetterDiscard | None:
    unfinished = DeadLetterDiscard.objects.select_for_update().filter(finished_at=None)
    return unfinished.order_by("id").first()


@transaction.atomic
def _count_slice() -> DeadLetterDiscard | None:
    """Count the next letters, unless a slice is counted and not removed yet."""
    discard = _oldest()
    if discard is None or discard.pending:
        return discard
    lock_dead_letters()
    letters = select(settings.RABBITMQ_URL, DEAD_LETTERS, _chosen(discard), SLICE)
    discard.discarded = dict(Counter(discard.discarded) + Counter(map(reason_of, letters)))
    discard.pending = [letter.message_id for letter in letters]
    if not letters:
        discard.finished_at = now()
    discard.save()
    return discard


@transaction.atomic
def _remove_counted() -> None:
    """Remove the letters of the slice that was counted."""
    discard = _oldest()
    if discard is not None and discard.pending:
        lock_dead_letters()
        remove(settings.RABBITMQ_URL, DEAD_LETTERS, discard.pending)
        discard.pending = []
        discard.save()


def _chosen(discard: DeadLetterDiscard) -> Callable[[QueuedMessage], bool]:
    """Return the condition on letters to discard; one that came after the request was not seen."""
    requested_at = discard.requested_at.timestamp()
    names = None if discard.message_ids is None else frozenset(discard.message_ids)

    def is_chosen(letter: QueuedMessage) -> bool:
        if letter.sent_at is not None and letter.sent_at > requested_at:
            return False
        if names is not None:
            return letter.message_id in names
        return discard.reason in ("", reason_of(letter))

    return is_chosen
