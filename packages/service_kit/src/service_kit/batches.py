"""Processing a batch of messages in one transaction, without letting one message block the rest."""

from __future__ import annotations

import logging
from collections.abc import Callable

from energy_contracts.errors import Reason
from service_kit.broker import Refused
from service_kit.database import DATABASE_AWAY, Stopped, run_until_done
from service_kit.signals import StopFlag

logger = logging.getLogger(__name__)


def process_batch(
    bodies: list[bytes], work: Callable[[list[bytes]], list[Refused]], stop: StopFlag
) -> list[Refused]:
    """What `work` refused; a message on which it fails is refused alone, its neighbours are done.

    `work` is one transaction. It is repeated while the database is away. Raises Stopped.
    """
    try:
        return run_until_done(lambda: work(bodies), stop)
    except (Stopped, *DATABASE_AWAY):
        raise
    except Exception as error:
        if len(bodies) == 1:
            logger.exception("a message could not be processed")
            return [Refused(bodies[0], Reason.HANDLER_FAILED, f"{type(error).__name__}: {error}")]
    # Halving finds k bad messages of n in about k log n transactions.
    middle = len(bodies) // 2
    first = process_batch(bodies[:middle], work, stop)
    return first + process_batch(bodies[middle:], work, stop)
