"""Each change of an account appends an event with a higher version, in its transaction."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.management import call_command
from django.db import transaction

from authentication.accounts.services import user_create, user_delete, user_update
from authentication.models import User
from authentication.sessions.services import session_start
from energy_contracts.events import ReceivedUserData, decode_event
from service_kit.outbox.models import OutboxEvent


def test_a_new_account_is_published(alice, events):
    expected = {
        "id": str(alice.id),
        "username": "alice",
        "role": "client",
        "is_active": True,
        "token_version": 1,
        "created_at": alice.created_at.isoformat().replace("+00:00", "Z"),
    }

    assert events() == [("user_created", 1, expected)]


def test_each_change_raises_the_version_by_one(admin, alice, events):
    user_update(user_id=alice.id, changes={"username": "alicia"})
    user_update(user_id=alice.id, changes={"email": "al@example.org"})
    user_update(user_id=alice.id, changes={"role": "admin"})
    user_update(user_id=alice.id, changes={"role": "client", "first_name": "A"})
    user_delete(user_id=alice.id)

    published = events(alice)
    assert [(kind, version) for kind, version, _ in published] == [
        ("user_created", 1),
        ("user_updated", 2),
        ("user_updated", 3),
        ("user_updated", 4),
        ("user_updated", 5),
        ("user_deleted", 6),
    ]
    assert published[1][2]["username"] == "alicia"
    assert published[-1][2] == {"id": str(alice.id)}


@pytest.mark.parametrize(
    ("change", "raised"),
    [
        ({"role": "admin"}, 1),
        ({"is_active": False}, 1),
        ({"password": "another long secret"}, 1),
        ({"role": "admin", "is_active": False, "password": "another long secret"}, 1),
        ({"username": "alicia"}, 0),
        ({"phone": "12345"}, 0),
    ],
)
def test_each_change_that_ends_sessions_raises_the_token_version(alice, events, change, raised):
    user_update(user_id=alice.id, changes=change)

    assert events(alice)[-1][2]["token_version"] == 1 + raised


def test_a_change_without_a_difference_is_not_published(alice, events):
    user_update(user_id=alice.id, changes={"username": "alice", "is_active": True})

    assert len(events(alice)) == 1
    assert User.objects.get(id=alice.id).version == 1


def test_a_login_publishes_nothing(alice, password, events):
    session_start(username="alice", password=password)

    assert len(events(alice)) == 1
    assert User.objects.get(id=alice.id).last_login is not None


def test_a_rejected_change_is_not_published(alice, bob, events):
    with pytest.raises(Exception, match="taken"):
        user_update(user_id=alice.id, changes={"username": "bob"})

    assert len(events()) == 2


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_leaves_no_event(admin):
    class Crash(Exception):
        pass

    def change_and_crash(change):
        with transaction.atomic():
            change()
            raise Crash

    for change in (
        lambda: user_create(username="carol", password="a long new secret"),
        lambda: user_update(user_id=admin.id, changes={"username": "root"}),
    ):
        with pytest.raises(Crash):
            change_and_crash(change)

    assert OutboxEvent.objects.count() == 1
    assert list(User.objects.values_list("username", "version")) == [("admin", 1)]


def test_a_snapshot_publishes_the_current_state_of_every_user(admin, alice, bob, events):
    user_update(user_id=alice.id, changes={"username": "alicia"})
    user_delete(user_id=bob.id)
    before = len(events())

    call_command("publish_snapshot")

    *users, (last, _, digest) = events()[before:]
    states = {data["id"]: (kind, version, data) for kind, version, data in users}
    assert (last, digest["digests"][0]["count"]) == ("snapshot_published", 3)
    assert {id_: state[:2] for id_, state in states.items()} == {
        str(admin.id): ("user_updated", 1),
        str(alice.id): ("user_updated", 2),
        str(bob.id): ("user_deleted", 2),
    }
    assert states[str(alice.id)][2]["username"] == "alicia"
    # Copies without the instant of creation take it from here.
    assert datetime.fromisoformat(states[str(alice.id)][2]["created_at"]) == alice.created_at


def test_a_snapshot_of_many_users_is_appended_in_batches(db, events, monkeypatch, capsys):
    monkeypatch.setattr("authentication.publishing.snapshot.SNAPSHOT_BATCH", 3)
    User.objects.bulk_create(User(username=f"user{number}") for number in range(7))

    call_command("publish_snapshot")

    assert len({data["id"] for kind, _, data in events() if kind == "user_updated"}) == 7
    assert "7 users" in capsys.readouterr().out


def test_written_events_follow_the_contract(alice):
    event = decode_event(OutboxEvent.objects.get().body.encode())

    assert event.source == "auth_service"
    assert isinstance(event.data, ReceivedUserData)
