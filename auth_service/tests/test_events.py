"""Every change of an account is told, in its own transaction, under a rising version."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.management import call_command
from django.db import transaction

from authentication.models import User
from authentication.services import user_create, user_delete, user_update
from authentication.sessions import session_start
from energy_contracts.events import ReceivedUserData, decode_event
from service_kit.outbox.models import OutboxEvent


def test_a_new_account_is_told(alice, events):
    expected = {
        "id": str(alice.id),
        "username": "alice",
        "role": "client",
        "is_active": True,
        "token_version": 1,
        "created_at": alice.created_at.isoformat().replace("+00:00", "Z"),
    }

    assert events() == [("user_created", 1, expected)]


def test_versions_rise_by_one_with_each_change(admin, alice, events):
    user_update(user_id=alice.id, changes={"username": "alicia"})
    user_update(user_id=alice.id, changes={"email": "al@example.org"})
    user_update(user_id=alice.id, changes={"role": "admin"})
    user_update(user_id=alice.id, changes={"role": "client", "first_name": "A"})
    user_delete(user_id=alice.id)

    told = events(alice)
    assert [(kind, version) for kind, version, _ in told] == [
        ("user_created", 1),
        ("user_updated", 2),
        ("user_updated", 3),
        ("user_updated", 4),
        ("user_updated", 5),
        ("user_deleted", 6),
    ]
    assert told[1][2]["username"] == "alicia"
    assert told[-1][2] == {"id": str(alice.id)}


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
def test_the_token_version_rises_with_what_ends_sessions(alice, events, change, raised):
    user_update(user_id=alice.id, changes=change)

    assert events(alice)[-1][2]["token_version"] == 1 + raised


def test_a_change_that_changes_nothing_is_not_told(alice, events):
    user_update(user_id=alice.id, changes={"username": "alice", "is_active": True})

    assert len(events(alice)) == 1
    assert User.objects.get(id=alice.id).version == 1


def test_a_login_is_no_change(alice, password, events):
    session_start(username="alice", password=password)

    assert len(events(alice)) == 1
    assert User.objects.get(id=alice.id).last_login is not None


def test_a_refused_change_is_not_told(alice, bob, events):
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


def test_a_snapshot_tells_every_user_as_they_are_now(admin, alice, bob, events):
    user_update(user_id=alice.id, changes={"username": "alicia"})
    user_delete(user_id=bob.id)
    before = len(events())

    call_command("publish_snapshot")

    *users, (last, _, digest) = events()[before:]
    told = {data["id"]: (kind, version, data) for kind, version, data in users}
    assert (last, digest["digests"][0]["count"]) == ("snapshot_published", 3)
    assert {id_: said[:2] for id_, said in told.items()} == {
        str(admin.id): ("user_updated", 1),
        str(alice.id): ("user_updated", 2),
        str(bob.id): ("user_deleted", 2),
    }
    assert told[str(alice.id)][2]["username"] == "alicia"
    # By this copies that lack it are filled in.
    assert datetime.fromisoformat(told[str(alice.id)][2]["created_at"]) == alice.created_at


def test_a_snapshot_of_many_users_goes_through_batches(db, events, monkeypatch, capsys):
    monkeypatch.setattr("authentication.services.SNAPSHOT_BATCH", 3)
    User.objects.bulk_create(User(username=f"user{number}") for number in range(7))

    call_command("publish_snapshot")

    assert len({data["id"] for kind, _, data in events() if kind == "user_updated"}) == 7
    assert "7 users" in capsys.readouterr().out


def test_what_is_written_is_what_the_contract_says(alice):
    event = decode_event(OutboxEvent.objects.get().body.encode())

    assert event.source == "auth_service"
    assert isinstance(event.data, ReceivedUserData)
