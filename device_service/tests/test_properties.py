"""After any sequence of actions, status, log and events of the devices agree.

The test takes the lifecycle from the table below, which follows the specification, not from the
code.
"""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from devices.models import Assignment, Device, LogEntry
from devices.sync.handlers import HANDLERS
from service_kit.testing.deliveries import handle_bodies

from .world import device_body, make_user, outbox, user_deleted

URL = "/api/devices/"

ALLOWED = {
    "in_stock": {"reserved", "deployed", "maintenance", "retired"},
    "reserved": {"deployed", "in_stock"},
    "deployed": {"in_stock", "maintenance"},
    "maintenance": {"in_stock", "deployed", "retired"},
    "retired": set(),
}
ROUTES = {
    "deploy": "deployed",
    "recall": "in_stock",
    "maintenance": "maintenance",
    "reserve": "reserved",
    "retire": "retired",
}
NAMES = st.sampled_from(["Alpha", "Beta", "=Gamma"])
PLACES = st.sampled_from(["", "Cellar", "Flat 12"])


class Walk(RuleBasedStateMachine):
    """Random actions through the API, beside a model of their expected results."""

    api = None  # the fixture that makes clients; the test sets it

    devices = Bundle("devices")
    users = Bundle("users")

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.client = type(self).api(make_user("admin"))
        #: Expected status, name and location of each device, and the number of its changes.
        self.model: dict[str, dict] = {}
        #: Number of changes of each pair, and whether the user has the device.
        self.pairs: dict[tuple[str, str], tuple[int, bool]] = {}
        self.changes = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def changed(self, device: str, **values: object) -> None:
        present = self.model[device]
        if any(present[name] != value for name, value in values.items()):
            present.update(values)
            present["version"] += 1
            self.changes += 1

    def paired(self, device: str, user: str, has: bool) -> None:
        version, _ = self.pairs.get((device, user), (0, False))
        self.pairs[device, user] = (version + 1, has)
        self.changes += 1

    @initialize(target=users)
    def an_account(self) -> str:
        return str(make_user().id)

    @rule(target=users)
    def another_account(self) -> str:
        return str(make_user().id)

    @rule(target=devices, name=NAMES, location=PLACES)
    def register(self, name: str, location: str) -> str:
        body = device_body(name=name, location=location)
        answer = self.client.post(URL, body, format="json")
        assert answer.status_code == 201
        device = answer.json()["id"]
        self.model[device] = {
            "status": "in_stock",
            "name": name,
            "location": location,
            "version": 1,
            "alive": True,
        }
        self.changes += 1
        return device

    @rule(
        device=devices,
        values=st.fixed_dictionaries({}, optional={"name": NAMES, "location": PLACES}),
    )
    def edit(self, device: str, values: dict) -> None:
        answer = self.client.patch(f"{URL}{device}/", values, format="json")

        assert answer.status_code == (200 if self.model[device]["alive"] else 404)
        if self.model[device]["alive"]:
            self.changed(device, **values)

    @rule(device=devices, route=st.sampled_from([*ROUTES, *ALLOWED]), location=st.none() | PLACES)
    def move(self, device: str, route: str, location: str | None) -> None:
        target = ROUTES.get(route, route)
        body = {} if location is None else {"location": location}
        if route in ROUTES:
            answer = self.client.put(f"{URL}{device}/{route}/", body, format="json")
        else:
            body["status"] = target
            answer = self.client.put(f"{URL}{device}/status/", body, format="json")

        present = self.model[device]
        there = present["location"] if location is None else location
        if target == "in_stock" and location is None:
            there = ""
        if not present["alive"]:
            assert answer.status_code == 404
        elif target not in ALLOWED[present["status"]]:
            assert answer.status_code == 409
            assert set(answer.json()["allowed"]) == ALLOWED[present["status"]]
        else:
            assert answer.status_code == 200
            self.changed(device, status=target, location=there)

    @rule(device=devices, user=users)
    def assign(self, device: str, user: str) -> None:
        body = {"user_id": user}
        answer = self.client.post(f"{URL}{device}/assignments/", body, format="json")

        if not self.model[device]["alive"]:
            assert answer.status_code == 404
        elif self.pairs.get((device, user), (0, False))[1]:
            assert answer.status_code == 200
        else:
            assert answer.status_code == 201
            self.paired(device, user, True)

    @rule(device=devices, user=users)
    def unassign(self, device: str, user: str) -> None:
        answer = self.client.delete(f"{URL}{device}/assignments/{user}/")

        if self.pairs.get((device, user), (0, False))[1]:
            assert answer.status_code == 204
            self.paired(device, user, False)
        else:
            assert answer.status_code == 404

    @rule(user=consumes(users))
    def delete_account(self, user: str) -> None:
        assert handle_bodies([user_deleted(UUID(user), 2)], HANDLERS) == []
        for (device, owner), (_, has) in list(self.pairs.items()):
            if owner == user and has:
                self.paired(device, user, False)

    @rule(device=devices)
    def delete(self, device: str) -> None:
        answer = self.client.delete(f"{URL}{device}/")

        if not self.model[device]["alive"]:
            assert answer.status_code == 404
            return
        assert answer.status_code == 204
        for (assigned_device, user), (_, has) in list(self.pairs.items()):
            if assigned_device == device and has:
                self.paired(device, user, False)
        self.model[device]["alive"] = False
        self.model[device]["version"] += 1
        self.changes += 1

    @invariant()
    def the_tables_match_the_model(self) -> None:
        devices = {
            str(device.id): {
                "status": device.status,
                "name": device.name,
                "location": device.location,
                "version": device.version,
                "alive": device.deleted_at is None,
            }
            for device in Device.objects.all()
        }
        assert devices == self.model
        pairs = {
            (str(pair.device_id), str(pair.user_id)): (pair.version, pair.ended_at is None)
            for pair in Assignment.objects.order_by("version")
        }
        assert pairs == self.pairs

    @invariant()
    def the_log_replayed_matches_the_model(self) -> None:
        replayed: dict[str, dict] = {}
        replayed_pairs: dict[tuple[str, str], bool] = {}
        entries = list(LogEntry.objects.order_by("id"))
        for entry in entries:
            device = str(entry.device_id)
            if entry.action in ("assigned", "unassigned"):
                user = {**entry.old_values, **entry.new_values}["user_id"]
                assert replayed_pairs.get((device, user), False) is (entry.action == "unassigned")
                replayed_pairs[device, user] = entry.action == "assigned"
                continue
            present = replayed.setdefault(device, {"alive": True})
            assert {**present, **entry.old_values} == present
            if entry.action == "status_changed":
                assert entry.new_values["status"] in ALLOWED[present["status"]]
            present.update(entry.new_values)
            if entry.action == "deleted":
                present["alive"] = False

        assert len(entries) == self.changes
        for device, expected in self.model.items():
            assert {name: replayed[device][name] for name in expected if name != "version"} == {
                name: value for name, value in expected.items() if name != "version"
            }
        assert replayed_pairs == {pair: has for pair, (_, has) in self.pairs.items()}

    @invariant()
    def the_events_replayed_match_the_model(self) -> None:
        events = outbox()
        assert len(events) == self.changes
        replayed: dict[str, dict] = {}
        replayed_pairs: dict[tuple[str, str], tuple[int, bool]] = {}
        for event in events:
            if event.event_type in ("device_assigned", "device_unassigned"):
                pair = str(event.data.device_id), str(event.data.user_id)
                assert event.version == replayed_pairs.get(pair, (0, False))[0] + 1
                replayed_pairs[pair] = (event.version, event.event_type == "device_assigned")
                continue
            device = str(event.data.id)
            assert event.version == replayed.get(device, {"version": 0})["version"] + 1
            if event.event_type == "device_deleted":
                replayed[device] = {**replayed[device], "alive": False, "version": event.version}
            else:
                replayed[device] = {
                    "status": event.data.status,
                    "name": event.data.name,
                    "version": event.version,
                    "alive": True,
                }
        assert replayed == {
            device: {name: values[name] for name in ("status", "name", "version", "alive")}
            for device, values in self.model.items()
        }
        assert replayed_pairs == self.pairs


@pytest.mark.timeout(600)
def test_status_log_and_events_agree_after_any_sequence_of_actions(api, db):
    Walk.api = staticmethod(api)

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
