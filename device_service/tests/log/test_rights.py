"""The service's own database role can do its work and cannot change the log."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, transaction

from devices.models import LogEntry
from devices.sync.handlers import HANDLERS
from service_kit.outbox.models import OutboxEvent
from service_kit.testing.deliveries import handle_bodies
from service_kit.testing.rights import as_the_service, attacks_on

from ..world import device_body, user_deleted, user_saved

URL = "/api/devices/"


@pytest.fixture
def as_service(db):
    with as_the_service() as cursor:
        yield cursor


@pytest.mark.parametrize("statement", attacks_on("device_log"))
def test_the_service_role_cannot_change_the_log_or_its_triggers(meter, as_service, statement):
    before = list(LogEntry.objects.values())
    message = "permission denied|must be owner"

    with pytest.raises(ProgrammingError, match=message), transaction.atomic():
        as_service.execute(statement)

    assert list(LogEntry.objects.values()) == before


def test_the_service_role_may_do_everything_that_the_service_does(api, admin, alice, as_service):
    client = api(admin)
    device_id = client.post(URL, device_body(), format="json").json()["id"]
    at = f"{URL}{device_id}/"

    answers = [
        client.patch(at, {"name": "New"}, format="json"),
        client.put(f"{at}deploy/", {"location": "Flat 12"}, format="json"),
        client.post(f"{at}assignments/", {"user_id": str(alice.id)}, format="json"),
        client.get(URL),
        client.get(f"{URL}logs/"),
        client.post(
            f"{URL}import/",
            b"name,device_type,serial_number\nA,sensor,A-1",
            content_type="text/csv",
        ),
    ]
    rejected = handle_bodies([user_saved(alice.id, 2), user_deleted(alice.id, 3)], HANDLERS)
    answers.append(client.delete(at))
    call_command("publish_snapshot", verbosity=0)
    OutboxEvent.objects.all().delete()

    assert rejected == []
    assert [answer.status_code for answer in answers] == [200, 200, 201, 200, 200, 201, 204]
    entries = LogEntry.objects.filter(device_id=device_id).order_by("id")
    assert [entry.action for entry in entries] == [
        "created",
        "updated",
        "status_changed",
        "assigned",
        "unassigned",
        "deleted",
    ]
