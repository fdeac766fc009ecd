"""The security log: actor, subject, time and address; complete, immutable, without secrets."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, connection, transaction
from rest_framework.test import APIClient

from authentication.accounts.services import user_create, user_update
from authentication.models import SecurityEvent

from ..sign_in import exchange, outlast_the_grace

EVENTS = "/api/auth/events/"
HERE = "198.51.100.7"


@pytest.fixture
def log(admin, acting_as):
    """(kind, actor, subject, details) of every entry since the fixture, oldest first."""
    start = SecurityEvent.objects.count()

    def entries() -> list[tuple]:
        rows = acting_as(admin).get(EVENTS, {"page_size": 200}).json()["results"]
        rows = rows[::-1][start:]
        return [(r["kind"], r["actor_name"], r["subject_name"], r["details"]) for r in rows]

    return entries


def test_a_login_is_recorded_with_address_and_request_id(alice, admin, acting_as, password):
    body = {"username": "alice", "password": password}
    answer = APIClient().post(
        "/api/auth/token/", body, format="json", HTTP_X_FORWARDED_FOR=f"10.0.0.1, {HERE}"
    )

    entry = acting_as(admin).get(EVENTS).json()["results"][0]

    assert (entry["kind"], entry["address"]) == ("login", HERE)
    assert (entry["actor_id"], entry["subject_name"]) == (str(alice.id), "alice")
    assert entry["request_id"] == answer["X-Request-Id"]
    assert entry["occurred_at"].endswith("Z")


def test_failures_and_the_lock_are_recorded(alice, bob, log, password):
    user_update(user_id=bob.id, changes={"is_active": False})
    for name, text in [("nobody", "x"), ("bob", password), *[("alice", "wrong")] * 6]:
        APIClient().post("/api/auth/token/", {"username": name, "password": text}, format="json")

    entries = [(kind, subject, d.get("reason")) for kind, _, subject, d in log()]

    assert entries[-8:] == [
        ("login_failed", "", "unknown_user"),
        ("login_failed", "bob", "disabled"),
        *[("login_failed", "alice", "wrong_password")] * 5,
        ("locked", "alice", None),
    ]


def test_actions_of_administrators_are_recorded_with_their_name(alice, admin, acting_as, log):
    boss, url = acting_as(admin), f"/api/users/{alice.id}/"
    boss.patch(url, {"role": "admin"}, format="json")
    boss.patch(url, {"is_active": False}, format="json")
    boss.patch(url, {"is_active": True, "password": "a new and long one"}, format="json")
    boss.patch(url, {"phone": "+40 21 000 000"}, format="json")
    boss.delete(f"{url}sessions/")
    boss.delete(url)

    assert log() == [
        ("role_changed", "admin", "alice", {"old": "client", "new": "admin"}),
        ("session_revoked", "admin", "alice", {"reason": "role"}),
        ("user_disabled", "admin", "alice", {}),
        ("session_revoked", "admin", "alice", {"reason": "is_active"}),
        ("user_enabled", "admin", "alice", {}),
        ("password_changed", "admin", "alice", {}),
        ("session_revoked", "admin", "alice", {"reason": "is_active"}),
        ("session_revoked", "admin", "alice", {"reason": "administrator"}),
        ("user_deleted", "admin", "alice", {}),
        ("session_revoked", "admin", "alice", {"reason": "deleted"}),
    ]


def test_a_logout_and_a_reused_token_are_recorded(alice, log_in, log):
    first = log_in(alice)["refresh"]
    exchange(first)
    outlast_the_grace()
    exchange(first)
    APIClient().post("/api/auth/logout/", {"refresh": log_in(alice)["refresh"]}, format="json")

    revoked = [entry[1:] for entry in log() if entry[0] == "session_revoked"]

    assert revoked == [
        ("", "alice", {"reason": "reuse"}),
        ("alice", "alice", {"reason": "logout"}),
    ]


def test_the_security_log_holds_no_secrets(alice, admin, acting_as, log_in, password):
    tokens = log_in(alice)
    boss = acting_as(admin)
    boss.patch(f"/api/users/{alice.id}/", {"password": "a new and long one"}, format="json")
    APIClient().post(
        "/api/auth/token/", {"username": "hunter2-typed-here", "password": "x"}, format="json"
    )

    text = json.dumps(boss.get(EVENTS, {"page_size": 200}).json())

    for secret in (*tokens.values(), password, "a new and long one", "hunter2", "argon2", "md5$"):
        assert secret not in text


def test_only_administrators_read_the_security_log(alice, nobody, acting_as):
    assert nobody.get(EVENTS).status_code == 401
    assert acting_as(alice).get(EVENTS).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_no_request_writes_to_the_security_log(admin, acting_as, method):
    assert getattr(acting_as(admin), method)(EVENTS, {}, format="json").status_code == 405


@pytest.mark.parametrize(
    "sql", ["UPDATE security_event SET kind = 'login'", "DELETE FROM security_event"]
)
def test_the_database_rejects_changes_of_the_security_log(alice, sql):
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        connection.cursor().execute(sql)


def test_the_security_log_is_filtered(alice, bob, admin, acting_as):
    def names(**query) -> set[str]:
        rows = acting_as(admin).get(EVENTS, query).json()["results"]
        return {row["subject_name"] for row in rows}

    assert names(subject_id=alice.id) == {"alice"}
    assert names(kind="user_created") == {"alice", "bob", "admin"}
    assert names(search="bob") == {"bob"}
    assert names(since="2999-01-01T00:00:00Z") == set()
    assert acting_as(admin).get(EVENTS, {"kind": "nonsense"}).status_code == 400
    assert acting_as(admin).get(EVENTS, {"address": "nonsense"}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_an_instant_that_no_database_knows_is_an_error_of_the_request(admin, acting_as):
    # Its instant in UTC is before the year 1.
    odd = {"since": "0001-01-01T00:00:00+14:00"}

    answer = acting_as(admin).get(EVENTS, odd)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["since"])


@pytest.mark.django_db(transaction=True)
def test_an_offset_that_only_the_database_does_not_know_is_read_as_its_instant(admin, acting_as):
    answer = acting_as(admin).get(EVENTS, {"since": "0958-11-18T05:02:56-17:09"})

    assert answer.json()["count"] == SecurityEvent.objects.count()


def test_a_registration_is_recorded(nobody, db):
    body = {"username": "carol", "password": "correct horse battery"}
    nobody.post("/api/auth/register/", body, format="json")

    entry = SecurityEvent.objects.get(kind="user_created")

    assert (entry.subject_name, entry.actor_id, entry.details) == (
        "carol",
        None,
        {"role": "client"},
    )


def test_a_change_that_fails_is_not_recorded(admin):
    before = SecurityEvent.objects.count()

    with pytest.raises(Exception, match="last active administrator"):
        user_update(user_id=admin.id, changes={"role": "client"})

    assert SecurityEvent.objects.count() == before


def test_a_created_user_is_recorded_once(admin):
    user_create(username="dora", password="correct horse battery", by=admin)

    assert SecurityEvent.objects.filter(subject_name="dora").count() == 1
