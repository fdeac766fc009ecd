"""Publish committed events until stopped."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from service_kit.broker import (
    RENEW_SECONDS,
    BrokerUnavailable,
    ConfirmingPublisher,
    ExchangeMissing,
    wait_for_broker,
)
from service_kit.database.outages import DATABASE_UNAVAILABLE, wait_for_database
from service_kit.observability import metrics, tracing
from service_kit.outbox.services import outbox_publish_batch, outbox_purge
from service_kit.process.signals import StopFlag

logger = logging.getLogger(__name__)

#: Seconds between looks at the outbox: how late an event may be when nothing is wrong.
POLL_SECONDS = 0.2

#: Seconds after which every receiver has declared a deleted exchange and its bindings again:
#: twice the interval at which they do.
EXCHANGE_SECONDS = 2 * RENEW_SECONDS

#: Seconds between purges of what was published long ago.
PURGE_SECONDS = 3600.0

#: Key of the advisory lock that keeps a second relay idle, so that events leave in order.
LOCK_KEY = 0x0B0C5


class Command(BaseCommand):
    """The command `relay_outbox`."""

    help = "Publish the outbox's events with confirms; a second relay waits for the first to end."

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish until stopped."""
        stop = StopFlag.on_signals()
        metrics.serve()
        tracing.start()
        publisher = ConfirmingPublisher(settings.RABBITMQ_URL, f"{settings.SERVICE_NAME}-relay")
        purged_at = 0.0
        while not stop.is_set():
            try:
                if not self.is_the_only_relay():
                    stop.wait(1)
                    continue
                if time.monotonic() - purged_at > PURGE_SECONDS:
                    outbox_purge()
                    purged_at = time.monotonic()
                if outbox_publish_batch(publisher) == 0:
                    stop.wait(POLL_SECONDS)
            except DATABASE_UNAVAILABLE:
                wait_for_database(stop)
            except ExchangeMissing as error:
                # Its receivers declare it with their bindings. A change that is sent before the
                # last of them did would be confirmed, and never reach that one.
                logger.warning("no event is published, its exchange is missing: %s", error)
                stop.wait(EXCHANGE_SECONDS)
            except BrokerUnavailable:
                wait_for_broker(publisher, stop)
        publisher.close()

    def is_the_only_relay(self) -> bool:
        """Return whether this process has, or now takes, the lock; a lost connection loses it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY])
            (held,) = cursor.fetchone()
        return bool(held)
