"""Fixtures: an administrator, Alice, who has a meter, and Bob, who may not see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from rest_framework.test import APIClient

from devices.assignments.services import assignment_create
from devices.inventory.services import device_create
from devices.log.actors import Actor
from devices.models import Device
from service_kit.access import tokens
from service_kit.identity.models import KnownUser
from service_kit.testing import TokenIssuer

from .world import device_body, make_user


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Allow TRUNCATE of the log, by which tests with several connections are cleaned up."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE device_log DISABLE TRIGGER device_log_no_truncate")


@pytest.fixture(scope="session")
def issuer(tmp_path_factory) -> TokenIssuer:
    """Sign tokens as auth_service does, with a key of this run."""
    folder: Path = tmp_path_factory.mktemp("keys")
    django_settings.JWT_PUBLIC_KEYS_DIR = folder
    tokens.verifying_backend.cache_clear()
    return TokenIssuer(folder)


@pytest.fixture
def api(issuer):
    """Return a function that makes an HTTP client of a user: `api(alice).get(...)`."""

    def client(user: KnownUser | None = None) -> APIClient:
        http_client = APIClient()
        if user is not None:
            http_client.credentials(HTTP_AUTHORIZATION=issuer.authorization(user))
        return http_client

    return client


@pytest.fixture
def admin(db) -> KnownUser:
    return make_user("admin")


@pytest.fixture
def alice(db) -> KnownUser:
    return make_user()


@pytest.fixture
def bob(db) -> KnownUser:
    return make_user()


@pytest.fixture
def boss(admin) -> Actor:
    """Return the administrator as the actor of services."""
    return Actor(admin.id, admin.username)


@pytest.fixture
def make_device(boss):
    """Return a function that creates a device with the given values."""

    def make(**values) -> Device:
        return device_create(actor=boss, values=device_body(**values))

    return make


@pytest.fixture
def meter(make_device, boss, alice) -> Device:
    """Return Alice's meter."""
    device = make_device(name="Alice's meter")
    assignment_create(actor=boss, device_id=device.id, user_id=alice.id)
    return device
