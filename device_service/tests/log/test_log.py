"""The log holds actor, time and values of every change, and nobody can change it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from devices.inventory.services import device_update
from devices.log.actors import Actor
from devices.models import LogEntry

from ..world import device_body, make_user

URL = "/api/devices/"


def entries(client, device, query=""):
    return client.get(f"{URL}{device.id}/logs/{query}").json()["results"]


def test_every_change_is_logged_with_old_and_new_values(api, admin, alice, make_device):
    client, device = api(admin), make_device(max_consumption=Decimal("2.5"))
    at = f"{URL}{device.id}/"

    client.patch(at, {"name": "New", "max_consumption": 3}, format="json")
    client.put(f"{at}deploy/", {"location": "Flat 12", "notes": "by Tom"}, format="json")
    client.post(f"{at}assignments/", {"user_id": str(alice.id)}, format="json")
    deletion = client.delete(at)

    logged = entries(client, device)[::-1]
    assert [entry["action"] for entry in logged] == [
        "created",
        "updated",
        "status_changed",
        "assigned",
        "unassigned",
        "deleted",
    ]
    assert {(entry["actor_id"], entry["actor_name"]) for entry in logged} == {
        (str(admin.id), admin.username)
    }
    created, updated, deployed, assigned, unassigned, deleted = logged
    assert created["new_values"]["max_consumption"] == 2.5
    assert updated["old_values"] == {"name": device.name, "max_consumption": 2.5}
    assert updated["new_values"] == {"name": "New", "max_consumption": 3.0}
    assert deployed["old_values"]["status"] == "in_stock"
    assert deployed["new_values"].items() >= {"status": "deployed", "location": "Flat 12"}.items()
    assert deployed["notes"] == "by Tom"
    assert assigned["new_values"] == unassigned["old_values"] == {"user_id": str(alice.id)}
    assert deleted["old_values"]["name"] == "New"
    assert deleted["request_id"] == deletion["X-Request-Id"]


def test_a_rejected_change_is_not_logged(api, admin, make_device):
    device = make_device()

    api(admin).put(f"{URL}{device.id}/status/", {"status": "in_stock"}, format="json")
    api(admin).patch(f"{URL}{device.id}/", {"name": ""}, format="json")

    assert [entry["action"] for entry in entries(api(admin), device)] == ["created"]


def test_the_whole_log_is_filtered_by_device_and_action(api, admin, meter, make_device):
    other = make_device()

    def count(query):
        return api(admin).get(f"{URL}logs/{query}").json()["count"]

    assert count("") == 3
    assert count(f"?device_id={other.id}") == 1
    assert count("?action=assigned") == 1


def test_logs_are_filtered_by_actor_and_time(api, admin, alice, boss, meter):
    other = Actor(make_user("admin").id, "another")
    device_update(actor=other, device_id=meter.id, values={"name": "New"})
    moment = LogEntry.objects.latest("id").occurred_at.isoformat()

    def actions(path, **query):
        rows = api(admin).get(f"{URL}{path}", query).json()["results"]
        return [row["action"] for row in rows]

    for path in ("logs/", f"{meter.id}/logs/"):
        assert actions(path, actor_id=str(other.id)) == ["updated"]
        assert actions(path, actor_id=str(boss.id), action="assigned") == ["assigned"]
        assert actions(path, start=moment) == ["updated"]
        assert actions(path, end=moment) == ["assigned", "created"]
    assert api(admin).get(f"{URL}logs/?start=yesterday").status_code == 400


def test_the_log_of_one_device_ignores_a_filter_for_another(api, admin, meter, make_device):
    other = make_device()

    rows = api(admin).get(f"{URL}{meter.id}/logs/?device_id={other.id}").json()["results"]

    assert {row["device_id"] for row in rows} == {str(meter.id)}


def test_notes_are_logged_with_the_change_that_they_explain(api, admin, alice):
    client = api(admin)
    device = client.post(URL, device_body(notes="bought used"), format="json").json()
    at = f"{URL}{device['id']}/"
    client.patch(at, {"name": "New", "notes": "relabelled"}, format="json")
    client.patch(at, {"notes": "nothing changes"}, format="json")
    body = {"user_id": str(alice.id), "notes": "moved in"}
    client.post(f"{at}assignments/", body, format="json")

    rows = client.get(f"{at}logs/").json()["results"][::-1]
    assert [(row["action"], row["notes"]) for row in rows] == [
        ("created", "bought used"),
        ("updated", "relabelled"),
        ("assigned", "moved in"),
    ]
    assert "notes" not in device


@pytest.mark.parametrize("method", ["put", "patch", "post", "delete"])
def test_no_route_changes_the_log(api, admin, meter, method):
    for path in (f"{URL}logs/", f"{URL}{meter.id}/logs/"):
        assert getattr(api(admin), method)(path, {}, format="json").status_code == 405


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE device_log SET actor_name = 'nobody'",
        "DELETE FROM device_log",
        "TRUNCATE device_log",
    ],
)
def test_the_database_rejects_changes_of_the_log(meter, statement):
    before = LogEntry.objects.count()

    with transaction.atomic(), connection.cursor() as cursor:
        # Foreign keys are checked at the end; a table with checks to come cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE device_log ENABLE TRIGGER device_log_no_truncate")
        with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
            cursor.execute(statement)
        cursor.execute("ALTER TABLE device_log DISABLE TRIGGER device_log_no_truncate")

    assert LogEntry.objects.count() == before


def test_log_needs_four_queries_for_any_number_of_entries(
    api, admin, boss, meter, django_assert_num_queries
):
    for name in "abcdef":
        device_update(actor=boss, device_id=meter.id, values={"name": name})

    # The user, whether the device is known, the count, and the page.
    with django_assert_num_queries(4):
        assert len(entries(api(admin), meter)) == 8
