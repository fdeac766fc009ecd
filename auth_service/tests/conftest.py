"""Alice and Bob are clients, the administrator is called admin; all know the same password."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from rest_framework.test import APIClient

from authentication.accounts.services import user_create
from authentication.models import User
from authentication.tokens.signing import access_token_for
from service_kit.outbox.models import OutboxEvent
from service_kit.testing.waiting import wait_until

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let TRUNCATE clean up after tests with several connections, which the log rejects."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE security_event DISABLE TRIGGER security_event_no_truncate")


@pytest.fixture(autouse=True)
def _cheap_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def password() -> str:
    return PASSWORD


@pytest.fixture
def alice(db) -> User:
    return user_create(username="alice", password=PASSWORD, email="alice@example.org")


@pytest.fixture
def bob(db) -> User:
    return user_create(username="bob", password=PASSWORD)


@pytest.fixture
def admin(db) -> User:
    return user_create(username="admin", password=PASSWORD, role="admin")


@pytest.fixture
def nobody() -> APIClient:
    """A client without a token, which keeps cookies."""
    return APIClient()


@pytest.fixture
def acting_as():
    """A client with an access token of that user."""

    def client(user: User) -> APIClient:
        return APIClient(HTTP_AUTHORIZATION=f"Bearer {access_token_for(user)}")

    return client


@pytest.fixture
def log_in():
    """Sign in as a program: the pair of tokens of a new session."""

    def pair(user: User) -> dict[str, str]:
        credentials = {"username": user.username, "password": PASSWORD}
        response = APIClient().post("/api/auth/token/", credentials, format="json")
        assert response.status_code == 200
        return response.json()

    return pair


@pytest.fixture
def events():
    """Read the outbox, oldest first: type, version and data of each event."""

    def entries(user: User | None = None) -> list[tuple[str, int, dict]]:
        bodies = [json.loads(row.body) for row in OutboxEvent.objects.order_by("id")]
        return [
            (body["event_type"], body["version"], body["data"])
            for body in bodies
            if user is None or body["data"]["id"] == str(user.id)
        ]

    return entries


@pytest.fixture
def wait_until_blocked():
    """Return a function that waits until so many connections wait for a lock of this one."""

    def blocked_connections() -> int:
        with connection.cursor() as cursor:
            # Inside a transaction PostgreSQL repeats the first snapshot of the activity.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND cardinality(pg_blocking_pids(pid)) > 0"
            )
            return int(cursor.fetchone()[0])

    return lambda count: wait_until(lambda: blocked_connections() == count)
