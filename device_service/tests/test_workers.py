"""The two workers as processes of their own, with a real broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pika
import pytest
from django.conf import settings
from django.db import connection

from devices.models import Assignment
from energy_contracts.events import DeletedData, UserData, decode_event, encode_event, new_event
from energy_contracts.names import SYNC_EXCHANGE
from service_kit.broker import ConfirmingPublisher, Message
from service_kit.broker.connection import with_own_socket_pair
from service_kit.identity.models import KnownUser
from service_kit.outbox.models import OutboxEvent
from service_kit.testing.waiting import wait_until

from .world import device_body

SERVICE_DIR = Path(__file__).parents[1]


@pytest.fixture
def workers(transactional_db):
    """Run `consume_sync` and `relay_outbox` on the test's database; SIGTERM ends them with 0."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path=f"/{connection.settings_dict['NAME']}"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "manage.py", command],
            cwd=SERVICE_DIR,
            env={**os.environ, "DATABASE_URL": database.geturl()},
        )
        for command in ("consume_sync", "relay_outbox")
    ]
    yield started
    for process in started:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(20) for process in started] == [0, 0]


@pytest.fixture
def published_since():
    """Return a function that returns the events published since its last call."""
    parameters = pika.URLParameters(settings.RABBITMQ_URL)
    with with_own_socket_pair(lambda: pika.BlockingConnection(parameters)) as broker:
        channel = broker.channel()
        channel.exchange_declare(SYNC_EXCHANGE, exchange_type="topic", durable=True)
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, SYNC_EXCHANGE, "#")

        def receive() -> list:
            events = []
            while (body := channel.basic_get(queue, auto_ack=True)[2]) is not None:
                events.append(decode_event(body))
            return events

        yield receive


def publish(event_type: str, data, version: int) -> None:
    event = new_event(event_type, version=version, source="auth_service", data=data)
    publisher = ConfirmingPublisher(settings.RABBITMQ_URL, "test")
    message = Message(SYNC_EXCHANGE, event_type, encode_event(event), str(event.event_id))
    try:
        wait_until(lambda: not publisher.publish([message]))
    finally:
        publisher.close()


def test_user_events_are_applied_and_their_consequences_published(
    workers, published_since, api, admin
):
    tenant = UserData(id=uuid4(), username="tenant", role="client", is_active=True, token_version=1)
    publish("user_created", tenant, 1)
    known = wait_until(lambda: KnownUser.objects.filter(id=tenant.id).first())
    device_id = api(admin).post("/api/devices/", device_body(), format="json").json()["id"]
    api(admin).post(
        f"/api/devices/{device_id}/assignments/", {"user_id": str(tenant.id)}, format="json"
    )
    assert api(known).get(f"/api/devices/{device_id}/").status_code == 200

    publish("user_deleted", DeletedData(id=tenant.id), 2)

    wait_until(lambda: not Assignment.objects.filter(ended_at=None).exists())
    own = []
    wait_until(
        lambda: (
            own.extend(published_since()) or any(e.event_type == "device_unassigned" for e in own)
        )
    )
    assert [(e.event_type, e.version) for e in own if e.source == "device_service"] == [
        ("device_created", 1),
        ("device_assigned", 1),
        ("device_unassigned", 2),
    ]
    wait_until(lambda: not OutboxEvent.objects.filter(published_at=None).exists())
    assert api(known).get(f"/api/devices/{device_id}/").status_code == 401
