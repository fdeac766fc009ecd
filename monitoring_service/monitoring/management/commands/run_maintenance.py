"""Maintain the tables until the process is stopped."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError

from monitoring.aggregates.retention import month_close, months_due
from monitoring.calendar.clock import now
from monitoring.dead_letters.services import collect_moved, work_until_stopped
from monitoring.ledger.services import ledger_compact
from monitoring.metrics import MAINTAINED_AT
from monitoring.storage.partitions import partition_ensure, partition_months, partitions_note
from monitoring.storage.reindex import month_reindex, months_to_reindex
from service_kit.database.outages import run_until_done
from service_kit.observability import metrics
from service_kit.process.background import start_thread
from service_kit.process.signals import StopFlag

logger = logging.getLogger(__name__)

#: Seconds between rounds.
ROUND_SECONDS = 3600

#: Age up to which the ledger is kept by the minute; older minutes are merged to days.
LEDGER_MINUTES_KEPT = timedelta(days=31)


class Command(BaseCommand):
    """The maintenance process: a round each hour, and the work on dead letters beside it."""

    help = (
        "Make the readings' monthly partitions ahead of time, drop those past the retention, "
        "reindex those that are over, merge old minutes of the ledger to days; replay and discard "
        "dead letters as administrators request it."
    )

    def add_arguments(self, parser: Any) -> None:
        """Add --once."""
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run rounds until a signal stops the process, or one round with --once."""
        stop = StopFlag.on_signals()
        metrics.serve()
        if not options["once"]:
            # In a thread, because a round may take hours. The process may end it at any point.
            start_thread("dead letters", lambda: work_until_stopped(StopFlag(heartbeat=False)))
            start_thread("moved letters", lambda: collect_moved(StopFlag(heartbeat=False)))
        while not stop.is_set():
            make_partitions(stop)
            close_months(stop)
            merged = run_until_done(lambda: ledger_compact(now() - LEDGER_MINUTES_KEPT), stop)
            if merged:
                logger.info("%s minutes of the ledger merged to days", merged)
            reindex_months(stop)
            MAINTAINED_AT.set_to_current_time()
            if options["once"]:
                return
            stop.wait(ROUND_SECONDS)


def make_partitions(stop: StopFlag) -> None:
    """Make partitions for the current month, the next two, and readings that wait for one."""
    for month in run_until_done(lambda: partition_months(now()), stop):
        if run_until_done(partial(partition_ensure, month), stop):
            logger.info("partition for %s made", f"{month:%Y-%m}")
    run_until_done(lambda: partitions_note(now()), stop)


def close_months(stop: StopFlag) -> None:
    """Drop readings past the retention; a month that is being read waits for the next round."""
    months = settings.READINGS_RETENTION_MONTHS
    for month in run_until_done(lambda: months_due(now(), months), stop):
        try:
            month_close(month)
        except OperationalError as error:
            logger.warning("readings of %s not dropped yet: %s", f"{month:%Y-%m}", error)
        else:
            logger.info("readings of %s dropped, hours kept", f"{month:%Y-%m}")


def reindex_months(stop: StopFlag) -> None:
    """Reindex the months that are over; a month that is being read waits for the next round."""
    for month in run_until_done(lambda: months_to_reindex(now()), stop):
        if stop.is_set():
            return
        try:
            month_reindex(month)
        except OperationalError as error:
            logger.warning("readings of %s not reindexed yet: %s", f"{month:%Y-%m}", error)
        else:
            logger.info("readings of %s reindexed", f"{month:%Y-%m}")
