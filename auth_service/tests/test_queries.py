"""The number of queries of every route of this service, by `query_contract`."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from authentication.accounts.services import user_create
from authentication.models import RefreshFamily
from service_kit.testing.query_contract import QueryContract


class TestQueries(QueryContract):
    """All tests of the contract."""

    COUNTS = Path(__file__).parent / "query_counts.json"

    @pytest.fixture
    def client(self, acting_as, admin, password):
        """Return the administrator's client, which holds a token and the cookie of a session."""
        client = acting_as(admin)
        client.defaults["HTTP_ORIGIN"] = settings.PUBLIC_ORIGINS[0]
        credentials = {"username": "admin", "password": password}
        assert client.post("/api/auth/login/", credentials, format="json").status_code == 200
        return client

    @pytest.fixture
    def known(self, bob, admin, log_in, password):
        for number in range(4):
            log_in(user_create(username=f"user{number}", password=password))
            log_in(admin)
        log_in(bob)
        session = RefreshFamily.objects.filter(user=admin).first()
        return {"user_id": str(bob.id), "session_id": str(session.id)}

    @pytest.fixture
    def bodies(self, bob, log_in, password):
        credentials = {"username": "bob", "password": password}
        account = {"username": "carol", "password": password, "email": "carol@example.org"}
        return {
            "POST /api/auth/login/": credentials,
            "POST /api/auth/token/": credentials,
            "POST /api/auth/token/refresh/": {"refresh": log_in(bob)["refresh"]},
            "POST /api/auth/register/": account,
            "PATCH /api/auth/me/": {"first_name": "Root"},
            "POST /api/auth/password/": {
                "current_password": password,
                "new_password": f"{password} staple",
            },
            "POST /api/users/": account,
            "PATCH /api/users/{user_id}/": {"is_active": False},
        }
