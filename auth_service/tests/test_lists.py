"""Every list of this service, in every order, by `list_contract`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from authentication.accounts.services import user_create
from authentication.models import RefreshFamily, SecurityEvent, User
from authentication.tokens.signing import access_token_for
from service_kit.testing.list_contract import ROWS, ListContract


class TestLists(ListContract):
    """Everything that the contract says."""

    UNIQUE = frozenset({"username"})

    @pytest.fixture
    def client(self, acting_as, admin):
        return acting_as(admin)

    @pytest.fixture
    def inside(self, admin):
        browser = Client()
        headers = {"Authorization": f"Bearer {access_token_for(admin)}"}
        assert browser.post("/admin/auth/session/", headers=headers).status_code == 204
        return browser

    @pytest.fixture
    def crowd(self, db, password, admin):
        names = [f"user{number}" for number in range(ROWS)]
        users = [user_create(username=name, password=password) for name in names]
        for number, user in enumerate(users):
            signed_in = (None, datetime(2026, 1, 1 + number % 2, tzinfo=UTC))[number % 2]
            User.objects.filter(id=user.id).update(
                last_name=("Weber", "adler", "")[number % 3],
                email=("", "a@example.org")[number % 2],
                created_at=datetime(2026, 1, 1 + number % 3, tzinfo=UTC),
                last_login=signed_in,
            )
            now = datetime(2026, 1, 1, tzinfo=UTC)
            RefreshFamily.objects.create(
                user=users[number % 2],
                token_version=1,
                created_at=now,
                rotated_at=now,
                expires_at=now + timedelta(days=1),
                revoked_at=signed_in,
            )
            ahead = timezone.now() + timedelta(days=number % 3)
            RefreshFamily.objects.create(
                user=admin,
                token_version=admin.token_version,
                created_at=now,
                rotated_at=ahead,
                expires_at=ahead + timedelta(days=1),
            )
            SecurityEvent.objects.create(kind="login", actor_name="same")
        return {}
