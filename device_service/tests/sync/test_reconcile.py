"""A copy that differs from its owner's rows is detected, and a snapshot repairs it."""

from __future__ import annotations

from io import StringIO
from threading import Thread
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from devices.assignments.services import assignment_create, assignment_end
from devices.inventory.services import device_delete, device_update
from devices.models import Assignment, Device
from devices.publishing.snapshot import OWNED, snapshot_publish
from devices.sync.handlers import HANDLERS
from energy_contracts.digest import digest_of
from energy_contracts.events import SnapshotData, encode_event, new_event
from service_kit.identity.models import KnownUser
from service_kit.outbox.models import OutboxEvent
from service_kit.sync.reconcile import digest_now
from service_kit.testing.deliveries import handle_bodies
from service_kit.testing.waiting import wait_until

from ..world import a_lock_is_awaited, events_of, outbox, user_deleted, user_saved


def user_digest(members, version: int) -> bytes:
    """Return the event with which auth_service's snapshot ends."""
    data = SnapshotData(digests=[digest_of("user", members)])
    event = new_event("snapshot_published", version=version, source="auth_service", data=data)
    return encode_event(event)


def reconcile() -> tuple[bool, str]:
    """Return whether the command found the copy in order, and its output."""
    output = StringIO()
    try:
        call_command("reconcile", stdout=output)
    except CommandError as error:
        return False, output.getvalue() + str(error)
    return True, output.getvalue()


@pytest.fixture
def snapshot(db):
    """Return the ids of two users, one deleted, and the events of auth_service's snapshot."""
    ids = [uuid4(), uuid4()]
    members = [(str(ids[0]), 3, True), (str(ids[1]), 2, False)]
    return ids, [user_saved(ids[0], 3), user_deleted(ids[1], 2), user_digest(members, 1)]


def test_reconcile_accepts_a_complete_copy(snapshot):
    _, bodies = snapshot
    handle_bodies(bodies, HANDLERS)

    in_order, report = reconcile()

    assert in_order
    assert "user: 2 as in auth_service's snapshot" in report


def test_reconcile_reports_that_no_snapshot_was_compared(db):
    in_order, report = reconcile()

    assert not in_order
    assert "never compared" in report


@pytest.mark.parametrize("lost", [0, 1])
def test_reconcile_finds_a_lost_event_and_the_next_snapshot_repairs_it(snapshot, lost):
    ids, bodies = snapshot
    handle_bodies([bodies[1 - lost], bodies[2]], HANDLERS)

    in_order, report = reconcile()
    members = [(str(ids[0]), 3, True), (str(ids[1]), 2, False)]
    handle_bodies([*bodies[:2], user_digest(members, 2)], HANDLERS)

    assert not in_order
    assert "drift: 1 here, 2 in auth_service's snapshot" in report
    assert "user: in auth_service" in report
    assert reconcile()[0]


@pytest.mark.parametrize(
    "damage",
    [
        lambda: KnownUser.objects.all().delete(),
        lambda: KnownUser.objects.filter(deleted=False).update(version=2),
        lambda: KnownUser.objects.filter(deleted=True).update(deleted=False),
    ],
    ids=["emptied", "an older backup", "a deleted one is back"],
)
def test_reconcile_finds_damage_after_the_snapshot(snapshot, damage):
    handle_bodies(snapshot[1], HANDLERS)

    damage()

    in_order, report = reconcile()
    assert not in_order
    assert "drift since it agreed" in report


def test_events_after_the_snapshot_are_not_reported_as_drift(snapshot):
    ids, bodies = snapshot
    handle_bodies([*bodies, user_saved(ids[0], 4), user_saved(uuid4(), 1)], HANDLERS)

    in_order, report = reconcile()

    assert in_order
    assert "changed by events since: 3 here, 2 in" in report


def test_an_older_snapshot_that_arrives_late_is_not_compared(snapshot):
    ids, bodies = snapshot
    members = [(str(ids[0]), 3, True), (str(ids[1]), 2, False)]
    handle_bodies([*bodies[:2], user_digest(members, 5), user_digest(members[:1], 4)], HANDLERS)

    assert reconcile()[0]


def test_database_and_contract_compute_the_same_digest(boss, alice, bob, meter, make_device):
    gone = make_device()
    assignment_create(actor=boss, device_id=gone.id, user_id=bob.id)
    device_delete(actor=boss, device_id=gone.id)
    for _ in range(2):
        assignment_end(actor=boss, device_id=meter.id, user_id=alice.id)
        assignment_create(actor=boss, device_id=meter.id, user_id=alice.id)

    devices = [(str(d.id), d.version, d.deleted_at is None) for d in Device.objects.all()]
    pairs = {
        (pair.device_id, pair.user_id): (pair.version, pair.ended_at is None)
        for pair in Assignment.objects.order_by("version")
    }
    assignments = [(f"{device}:{user}", *state) for (device, user), state in pairs.items()]
    for subject, members in (("device", devices), ("assignment", assignments)):
        assert digest_now(subject, OWNED[subject]).agrees_with(digest_of(subject, members))


def test_a_snapshot_ends_with_its_digest(meter):
    OutboxEvent.objects.all().delete()

    snapshot_publish()

    *others, last = outbox()
    assert {event.event_type for event in others} == {"device_updated", "device_assigned"}
    assert last.event_type == "snapshot_published"
    assert [(digest.subject, digest.count) for digest in last.data.digests] == [
        ("device", 1),
        ("assignment", 1),
    ]


def test_a_concurrent_change_is_published_before_the_digest_that_includes_it(
    transactional_db, boss, make_device
):
    device = make_device()

    def publish() -> None:
        try:
            snapshot_publish()
        finally:
            connection.close()

    publisher = Thread(target=publish)
    with transaction.atomic():
        device_update(actor=boss, device_id=device.id, values={"name": "New"})
        publisher.start()
        wait_until(a_lock_is_awaited)
    publisher.join()

    assert events_of(device.id)[1] == ("device_updated", 2)
    *_, last = outbox()
    assert last.data.digests[0] == digest_now("device", OWNED["device"])
