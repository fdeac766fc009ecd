"""Events wait in the outbox until the broker confirms them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from energy_contracts.events import DeletedData, SyncEvent, decode_event, new_event
from energy_contracts.names import SYNC_EXCHANGE, sync_queue
from service_kit.broker import BrokerUnavailable, ConfirmingPublisher, ExchangeMissing
from service_kit.broker.connection import connect
from service_kit.outbox.models import OutboxEvent
from service_kit.outbox.services import (
    BATCH_SIZE,
    KEEP_PUBLISHED,
    outbox_append,
    outbox_publish_batch,
    outbox_purge,
)

pytestmark = pytest.mark.django_db(transaction=True)


def some_events(count: int = 1) -> list[SyncEvent[DeletedData]]:
    return [
        new_event("user_deleted", version=v, source="kit_service", data=DeletedData(id=uuid4()))
        for v in range(1, count + 1)
    ]


def append(events: list[SyncEvent[DeletedData]]) -> None:
    with transaction.atomic():
        outbox_append(events)


@pytest.fixture
def publisher() -> Iterator[ConfirmingPublisher]:
    publisher = ConfirmingPublisher(settings.RABBITMQ_URL, "test-outbox")
    yield publisher
    publisher.close()


@pytest.fixture
def subscriber():
    """Return a function that reads bodies from a queue, bound before anything is sent."""
    with connect(settings.RABBITMQ_URL, "test-subscriber") as connection:
        channel = connection.channel()
        channel.exchange_declare(SYNC_EXCHANGE, exchange_type="topic", durable=True)
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, SYNC_EXCHANGE, "#")

        def bodies(count: int) -> list[bytes]:
            received: list[bytes] = []
            for method, _, body in channel.consume(queue, auto_ack=True, inactivity_timeout=20):
                assert method is not None, f"only {len(received)} of {count} arrived"
                received.append(body)
                if len(received) == count:
                    break
            return received

        yield bodies


def test_an_event_needs_the_transaction_of_its_change() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        outbox_append(some_events())

    assert not OutboxEvent.objects.exists()


def test_events_are_published_once_and_in_their_order(publisher, subscriber) -> None:
    events = some_events(BATCH_SIZE + 5)
    append(events)

    sent = [outbox_publish_batch(publisher) for _ in range(3)]

    assert sent == [BATCH_SIZE, 5, 0]
    arrived = [decode_event(body) for body in subscriber(len(events))]
    assert [event.event_id for event in arrived] == [event.event_id for event in events]
    assert arrived == events


def test_events_wait_while_the_broker_is_unavailable(publisher, subscriber) -> None:
    append(some_events())
    unreachable = ConfirmingPublisher("amqp://nobody:nothing@127.0.0.1:1/", "test-outbox")

    with pytest.raises(BrokerUnavailable):
        outbox_publish_batch(unreachable)

    assert OutboxEvent.objects.get().published_at is None
    assert outbox_publish_batch(publisher) == 1
    assert OutboxEvent.objects.get().published_at is not None


def test_events_wait_while_their_exchange_is_missing(publisher) -> None:
    append(some_events())
    with connect(settings.RABBITMQ_URL, "test") as connection:
        connection.channel().exchange_delete(SYNC_EXCHANGE)
    try:
        with pytest.raises(ExchangeMissing):
            outbox_publish_batch(publisher)
    finally:
        with connect(settings.RABBITMQ_URL, "test") as connection:
            channel = connection.channel()
            channel.exchange_declare(SYNC_EXCHANGE, "topic", durable=True)
            # The services' queues were bound to it; the tests of the services rely on it.
            for service in ("device_service", "monitoring_service"):
                channel.queue_bind(sync_queue(service), SYNC_EXCHANGE, "#")

    assert OutboxEvent.objects.get().published_at is None


def test_an_event_that_is_not_committed_is_not_sent(publisher, subscriber) -> None:
    with transaction.atomic():
        outbox_append(some_events())
        transaction.set_rollback(True)

    assert outbox_publish_batch(publisher) == 0


def test_only_events_sent_long_ago_are_purged() -> None:
    append(some_events(3))
    waiting, fresh, old = OutboxEvent.objects.order_by("id").values_list("id", flat=True)
    now = timezone.now()
    OutboxEvent.objects.filter(id=fresh).update(published_at=now)
    long_ago = now - KEEP_PUBLISHED - timedelta(minutes=1)
    OutboxEvent.objects.filter(id=old).update(published_at=long_ago)

    assert outbox_purge() == 1

    assert set(OutboxEvent.objects.values_list("id", flat=True)) == {waiting, fresh}
