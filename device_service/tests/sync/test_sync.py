"""The copy of the users follows auth_service, in whatever order its events arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations
from threading import Thread
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from devices.assignments.services import assignment_create
from devices.models import Assignment, LogEntry
from devices.sync.handlers import HANDLERS
from energy_contracts.events import encode_event
from service_kit.identity.models import KnownUser
from service_kit.testing.deliveries import handle_bodies
from service_kit.testing.waiting import wait_until

from ..world import a_lock_is_awaited, events_of_pair, outbox, user_deleted, user_saved


def state(user_id: UUID) -> dict:
    """Return the fields of a user that tombstones have too."""
    user = KnownUser.objects.filter(id=user_id)
    return user.values("username", "is_active", "version", "deleted").get()


CREATED_AT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def created_at(user_id: UUID) -> datetime | None:
    return KnownUser.objects.get(id=user_id).created_at


def test_the_copy_holds_the_creation_time_of_the_account(db):
    user_id = uuid4()

    # An offset that PostgreSQL does not take.
    odd_offset = timezone(-timedelta(hours=17, minutes=9))
    handle_bodies([user_saved(user_id, 1, created_at=CREATED_AT.astimezone(odd_offset))], HANDLERS)

    assert created_at(user_id) == CREATED_AT


def test_an_event_without_a_creation_time_keeps_the_stored_one(db):
    user_id = uuid4()
    handle_bodies([user_saved(user_id, 1, created_at=CREATED_AT)], HANDLERS)

    assert handle_bodies([user_saved(user_id, 2)], HANDLERS) == []

    assert created_at(user_id) == CREATED_AT
    assert state(user_id)["version"] == 2


@pytest.mark.parametrize("version", [1, 2], ids=["an older event", "the snapshot"])
def test_a_copy_without_a_creation_time_takes_it_from(version, db):
    user_id = uuid4()
    handle_bodies([user_saved(user_id, 2)], HANDLERS)
    before = state(user_id)

    handle_bodies([user_saved(user_id, version, created_at=CREATED_AT)], HANDLERS)

    assert created_at(user_id) == CREATED_AT
    assert state(user_id) == before


@pytest.mark.parametrize("version", [1, 3])
def test_a_tombstone_has_no_creation_time(version, db):
    user_id = uuid4()
    handle_bodies([user_saved(user_id, 2, created_at=CREATED_AT)], HANDLERS)
    handle_bodies([user_deleted(user_id, 4)], HANDLERS)

    handle_bodies([user_saved(user_id, version, created_at=CREATED_AT)], HANDLERS)

    assert created_at(user_id) is None


@pytest.mark.parametrize("last", ["renamed", "deleted"])
def test_events_in_any_order_and_repeated_lead_to_the_same_state(db, last):
    outcomes = []
    for order in permutations(range(3)):
        user_id = uuid4()
        third = user_saved(user_id, 3) if last == "renamed" else user_deleted(user_id, 3)
        bodies = [user_saved(user_id, 1), user_saved(user_id, 2), third]

        for position in order:
            assert handle_bodies([bodies[position]] * 2, HANDLERS) == []

        outcomes.append(state(user_id))

    assert outcomes == [outcomes[0]] * 6
    assert outcomes[0]["version"] == 3
    assert outcomes[0]["deleted"] is (last == "deleted")
    assert outcomes[0]["username"] == ("name-3" if last == "renamed" else "")


def test_assignments_of_a_deleted_user_end_once(api, admin, alice, bob, boss, meter):
    assignment_create(actor=boss, device_id=meter.id, user_id=bob.id)

    for _ in range(2):
        handle_bodies([user_deleted(alice.id, 2)], HANDLERS)

    assert events_of_pair(meter.id, alice.id) == [("device_assigned", 1), ("device_unassigned", 2)]
    assert list(Assignment.objects.filter(ended_at=None).values_list("user_id", flat=True)) == [
        bob.id
    ]
    (entry,) = LogEntry.objects.filter(action="unassigned")
    assert (entry.actor_id, entry.old_values) == (None, {"user_id": str(alice.id)})
    assert api(alice).get(f"/api/devices/{meter.id}/").status_code == 401


def test_events_of_other_subjects_are_ignored(meter):
    before = outbox()

    rejected = handle_bodies([encode_event(event) for event in before], HANDLERS)

    assert (rejected, outbox()) == ([], before)


def test_an_assignment_created_while_its_user_is_deleted_ends(
    transactional_db, boss, alice, make_device
):
    device = make_device()

    def delete_alice() -> None:
        try:
            handle_bodies([user_deleted(alice.id, 2)], HANDLERS)
        finally:
            connection.close()

    deletion = Thread(target=delete_alice)
    with transaction.atomic():
        assignment_create(actor=boss, device_id=device.id, user_id=alice.id)
        deletion.start()
        wait_until(a_lock_is_awaited)
    deletion.join()

    assert not Assignment.objects.filter(ended_at=None).exists()
    assert events_of_pair(device.id, alice.id)[-1] == ("device_unassigned", 2)
