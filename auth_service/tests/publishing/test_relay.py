"""The relay publishes committed events to a real exchange."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pika
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from authentication.accounts.services import user_create, user_delete, user_update
from energy_contracts.events import decode_event
from energy_contracts.names import SYNC_EXCHANGE
from service_kit.broker.connection import with_own_socket_pair
from service_kit.outbox.models import OutboxEvent
from service_kit.testing.waiting import wait_until

SERVICE_DIR = Path(__file__).parents[2]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def received():
    """Events of auth_service as a subscriber of the exchange gets them, from now on."""
    parameters = pika.URLParameters(settings.RABBITMQ_URL)
    with with_own_socket_pair(lambda: pika.BlockingConnection(parameters)) as broker:
        channel = broker.channel()
        channel.exchange_declare(SYNC_EXCHANGE, exchange_type="topic", durable=True)
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, SYNC_EXCHANGE, "#")

        def next_events(count: int) -> list:
            events = []
            for method, properties, body in channel.consume(queue, inactivity_timeout=30):
                assert method is not None, f"only {len(events)} of {count} events arrived"
                channel.basic_ack(method.delivery_tag)
                event = decode_event(body)
                assert method.routing_key == event.event_type
                assert (properties.delivery_mode, properties.message_id) == (2, str(event.event_id))
                events.append(event)
                if len(events) == count:
                    return events
            raise AssertionError("the subscription ended")

        yield next_events


@pytest.fixture
def relay():
    """`manage.py relay_outbox` on the test's database; it must end by itself when asked to."""
    url = urlsplit(os.environ["DATABASE_URL"])
    environment = {
        **os.environ,
        "DATABASE_URL": url._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "relay_outbox"], cwd=SERVICE_DIR, env=environment
    )
    yield process
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


def test_changes_arrive_at_the_exchange_in_their_order(received, relay):
    alice = user_create(username="alice", password="a long new secret")
    user_update(user_id=alice.id, changes={"username": "alicia"})
    user_delete(user_id=alice.id)

    events = received(3)

    assert [(event.event_type, event.version) for event in events] == [
        ("user_created", 1),
        ("user_updated", 2),
        ("user_deleted", 3),
    ]
    assert {event.data.id for event in events} == {alice.id}
    assert {event.source for event in events} == {"auth_service"}


def test_a_snapshot_arrives_with_tombstones(received, relay):
    alice = user_create(username="alice", password="a long new secret")
    bob = user_create(username="bob", password="a long new secret")
    user_delete(user_id=bob.id)
    received(3)

    call_command("publish_snapshot")

    *users, last = received(3)
    states = {event.data.id: (event.event_type, event.version) for event in users}
    assert last.event_type == "snapshot_published"
    assert states == {alice.id: ("user_updated", 1), bob.id: ("user_deleted", 2)}


def test_confirmed_events_are_marked_and_not_sent_again(received, relay):
    user_create(username="alice", password="a long new secret")
    received(1)

    wait_until(lambda: not OutboxEvent.objects.filter(published_at=None).exists())
    user_create(username="bob", password="a long new secret")

    (event,) = received(1)
    assert event.data.username == "bob"
