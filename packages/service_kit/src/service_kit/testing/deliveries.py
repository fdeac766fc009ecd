"""Deliveries for tests that have only message bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from service_kit.broker import Delivery, Rejected
from service_kit.database.batches import process_batch
from service_kit.process.signals import StopFlag
from service_kit.sync.dispatch import Handlers, handle_events

WorkOnBodies = Callable[[list[bytes]], list[Rejected]]


def deliveries_of(bodies: Iterable[bytes]) -> list[Delivery]:
    """Return a delivery for each body, without properties."""
    return [Delivery(body) for body in bodies]


def on_bodies(work: WorkOnBodies) -> Callable[[list[Delivery]], list[Rejected]]:
    """Return a function on deliveries that calls `work` with their bodies."""
    return lambda deliveries: work([delivery.body for delivery in deliveries])


def handle_bodies(bodies: Iterable[bytes], handlers: Handlers) -> list[Rejected]:
    """Handle events as `handle_events` does."""
    return handle_events(deliveries_of(bodies), handlers)


def process_bodies(
    bodies: Iterable[bytes], work: WorkOnBodies, stop: StopFlag, **options: Any
) -> list[Rejected]:
    """Process messages as `process_batch` does."""
    return process_batch(deliveries_of(bodies), on_bodies(work), stop, **options)
