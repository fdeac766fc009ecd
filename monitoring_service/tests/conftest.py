"""Fixtures: Alice owns a meter, Bob must see none of its data, the administrator sees all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection
from rest_framework.test import APIClient

from energy_contracts.events import DeviceData
from monitoring.devices.cache import DeviceCache
from monitoring.sync.services import assignment_apply, device_apply
from service_kit.identity.models import KnownUser
from service_kit.testing import TokenIssuer

from .live.live_process import live  # noqa: F401 - a fixture
from .live.own_redis import own_redis  # noqa: F401 - a fixture
from .live.sockets import url  # noqa: F401 - a fixture


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Allow TRUNCATE of tables of records: it cleans up after tests with several connections."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("removed_reading", "held_decision"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")


@pytest.fixture(scope="session")
def issuer(tmp_path_factory) -> TokenIssuer:
    """Return an issuer of tokens like those of auth_service, with a key made for this run."""
    from service_kit.access import tokens

    folder: Path = tmp_path_factory.mktemp("keys")
    settings.JWT_PUBLIC_KEYS_DIR = folder
    tokens.verifying_backend.cache_clear()
    return TokenIssuer(folder)


def make_user(role: str) -> KnownUser:
    user_id = uuid4()
    return KnownUser.objects.create(
        id=user_id,
        username=f"{role}-{user_id.hex[:6]}",
        role=role,
        is_active=True,
        token_version=1,
        version=1,
    )


@pytest.fixture
def alice(db) -> KnownUser:
    return make_user("client")


@pytest.fixture
def bob(db) -> KnownUser:
    return make_user("client")


@pytest.fixture
def admin(db) -> KnownUser:
    return make_user("admin")


@pytest.fixture
def api(issuer):
    """Return a function that makes the client of a user: `api(alice).get(...)`."""

    def client(user: KnownUser | None = None) -> APIClient:
        api_client = APIClient()
        if user is not None:
            api_client.credentials(HTTP_AUTHORIZATION=f"Bearer {issuer.token(user)}")
        return api_client

    return client


def device_data(device_id: UUID, **changes: object) -> DeviceData:
    return DeviceData(
        **{
            "id": device_id,
            "name": "Flat 12",
            "device_type": "smart_meter",
            "status": "deployed",
            "timezone": "UTC",
            "interval_seconds": 600,
            **changes,
        }
    )


@pytest.fixture
def meter(db, alice) -> UUID:
    """Return the id of a registered meter that Alice may see."""
    device_id = uuid4()
    device_apply(data=device_data(device_id), version=1, occurred_at=NOON)
    assignment_apply(device_id=device_id, user_id=alice.id, active=True, version=1)
    return device_id


@pytest.fixture
def committed(transactional_db) -> Iterator[None]:
    """Commit the writes of the test, so that other processes see them, and remove them after it.

    Django empties its own tables alone, without partitions and closed months.
    """
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'reading'::regclass"
        )
        for (partition,) in cursor.fetchall():
            if partition != "reading_default":
                cursor.execute(f"DROP TABLE {partition}")
        cursor.execute(
            "TRUNCATE reading, hour, span, reading_month, carried_register, register_month"
        )


@pytest.fixture
def cache() -> DeviceCache:
    return DeviceCache()


#: An hour well in the past, so that no test depends on the clock.
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def at(minutes: int) -> str:
    return (NOON + timedelta(minutes=minutes)).isoformat()
