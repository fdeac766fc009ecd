"""Replays of dead letters: requested by an administrator, done in the background in slices.

A replay is harmless: a letter whose reading is stored by now is a duplicate, and a letter that is
rejected again comes back with its reason. A process that is killed in a slice leaves the row of the
replay as it was before, and the letters of that slice in one queue or in both: the next attempt
repeats some letters and loses none.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction

from energy_contracts.errors import Reason
from energy_contracts.names import READINGS_QUEUE
from monitoring.calendar.clock import now
from monitoring.dead_letters.discards import discard_next_slice
from monitoring.dead_letters.selectors import (
    DEAD_LETTERS,
    is_retryable,
    lock_dead_letters,
    reason_of,
)
from monitoring.models import DeadLetterReplay
from service_kit.broker import (
    BROKER_UNAVAILABLE,
    QueuedMessage,
    Relocation,
    Topology,
    move,
    queue_depths,
)
from service_kit.database.outages import DATABASE_UNAVAILABLE, wait_for_database
from service_kit.process.signals import StopFlag

logger = logging.getLogger(__name__)

#: Letters replayed in one transaction. Between two slices, a request sees the progress and can read
#: the queue.
SLICE = 1_000

#: Seconds between searches for a request, and after a slice with a letter that could not be sent.
POLL_SECONDS = 0.5

#: Seconds until the next attempt after the broker was unavailable.
BROKER_SECONDS = 2.0


def replay_request(
    requested_by: UUID,
    message_ids: Sequence[str] | None = None,
    reason: str = "",
    only_retryable: bool = False,
) -> DeadLetterReplay:
    """Return a replay of these letters: the one that is not finished yet, else a new one.

    Without ids, all letters with the reason; without a reason, all that the platform wrote, or of
    those only the ones that may be stored now.
    """
    chosen = None if message_ids is None else sorted(set(message_ids))
    condition = {"reason": reason, "only_retryable": only_retryable}
    for replay in DeadLetterReplay.objects.filter(finished_at=None, **condition):
        if replay.message_ids == chosen:
            return replay
    return DeadLetterReplay.objects.create(
        requested_by=requested_by, message_ids=chosen, **condition
    )


def replay_latest() -> DeadLetterReplay | None:
    """Return the latest replay that was requested."""
    return DeadLetterReplay.objects.order_by("-id").first()


def replay_next_slice() -> DeadLetterReplay | None:
    """Send a slice of the oldest unfinished replay; return it, None if there is nothing to do.

    Raises one of BROKER_UNAVAILABLE or of Django's database errors; the slice is repeated then.
    """
    with transaction.atomic():
        replay = (
            DeadLetterReplay.objects.select_for_update(skip_locked=True)
            .filter(finished_at=None)
            .order_by("id")
            .first()
        )
        if replay is None:
            return None
        lock_dead_letters()
        if replay.remaining is None:
            depth = queue_depths(settings.RABBITMQ_URL, [DEAD_LETTERS])[DEAD_LETTERS] or 0
            replay.total = replay.remaining = depth
        moved = move(
            settings.RABBITMQ_URL,
            DEAD_LETTERS,
            READINGS_QUEUE,
            _chosen(replay),
            target_url=settings.METERS_RABBITMQ_URL,
            look=replay.remaining,
            # Each slice passes the letters in front that are not chosen again. With slices of a
            # fixed size, a meter that puts many there would make the replay quadratic.
            limit=max(SLICE, replay.left),
        )
        replay.remaining -= moved.moved
        replay.replayed += moved.moved
        replay.failed = moved.failed
        replay.left = moved.unwanted
        if not moved.more and not moved.failed:
            replay.finished_at = now()
        replay.save()
        return replay


def _chosen(replay: DeadLetterReplay) -> Callable[[QueuedMessage], bool]:
    """Return the condition on letters to replay; a foreign one needs its id or its reason."""
    if replay.message_ids is not None:
        names = frozenset(replay.message_ids)
        return lambda letter: letter.message_id in names
    if replay.reason:
        return lambda letter: reason_of(letter) == replay.reason
    if replay.only_retryable:
        return lambda letter: reason_of(letter) != Reason.FOREIGN and is_retryable(letter)
    return lambda letter: reason_of(letter) != Reason.FOREIGN


def collect_moved(stop: StopFlag) -> None:
    """Bring messages that the broker moved to the dead letters, until the process is to stop.

    The broker moves a message within its virtual host. Here that is the meters' host, in which a
    meter could write into any queue, so the dead letters are in the other one.
    """
    topology = Topology(READINGS_QUEUE, DEAD_LETTERS)
    Relocation(settings.METERS_RABBITMQ_URL, settings.RABBITMQ_URL, topology).run(
        DEAD_LETTERS, stop
    )


def work_until_stopped(stop: StopFlag) -> None:
    """Replay and discard letters as requested, until the process is to stop."""
    logged = False
    while not stop.is_set():
        try:
            replay, discard = replay_next_slice(), discard_next_slice()
        except DATABASE_UNAVAILABLE:
            wait_for_database(stop)
            continue
        except BROKER_UNAVAILABLE as error:
            if not logged:
                logger.warning("broker is unavailable, waiting: %s", error or type(error).__name__)
            logged = True
            stop.wait(BROKER_SECONDS)
            continue
        logged = False
        if discard is None and (replay is None or replay.failed):
            stop.wait(POLL_SECONDS)
        if replay is not None and replay.finished_at is not None:
            logger.info("dead letters sent again: %s of %s", replay.replayed, replay.total)
        if discard is not None and discard.finished_at is not None:
            by, counts = discard.requested_by, discard.discarded
            logger.info("dead letters discarded by %s: %s", by, counts)
