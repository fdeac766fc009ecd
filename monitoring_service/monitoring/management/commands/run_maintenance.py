"""Keep the tables in shape, for ever."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand

from monitoring.selectors import now, partition_months
from monitoring.services import partition_ensure
from service_kit.database import run_until_done
from service_kit.signals import StopFlag

logger = logging.getLogger(__name__)

#: Seconds between rounds.
ROUND_SECONDS = 3600


class Command(BaseCommand):
    help = "Make the readings' monthly partitions ahead of time."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = StopFlag.on_signals()
        while not stop.is_set():
            for month in run_until_done(lambda: partition_months(now()), stop):
                if run_until_done(partial(partition_ensure, month), stop):
                    logger.info("partition for %s made", f"{month:%Y-%m}")
            if options["once"]:
                return
            stop.wait(ROUND_SECONDS)
