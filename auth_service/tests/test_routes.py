"""Every route of this service, by `route_contract`."""

from __future__ import annotations

import pytest

from authentication.models import RefreshFamily
from service_kit.testing.route_contract import RouteContract


class TestRoutes(RouteContract):
    """Everything that the contract says."""

    @pytest.fixture
    def client(self, acting_as, admin):
        return acting_as(admin)

    @pytest.fixture
    def known(self, bob, admin, log_in):
        log_in(admin)
        session = RefreshFamily.objects.get(user=admin)
        return {"user_id": str(bob.id), "session_id": str(session.id)}


@pytest.mark.parametrize("path", ["/api/auth/token", "/api/auth/login"])
def test_a_login_without_the_final_slash_is_answered_and_counted(nobody, alice, password, path):
    right_credentials = {"username": "alice", "password": password}
    assert nobody.post(path, right_credentials, format="json").status_code == 200

    for number in range(5):
        wrong_credentials = {"username": "alice", "password": "wrong"}
        answer = nobody.post(f"{path}/" if number % 2 else path, wrong_credentials, format="json")
        assert answer.status_code == 401

    assert nobody.post(path, right_credentials, format="json").status_code == 401
    assert nobody.post(f"{path}/", right_credentials, format="json").status_code == 401


def test_djangos_admin_keeps_its_redirection(nobody, db):
    answer = nobody.get("/admin/auth")

    assert (answer.status_code, answer["Location"]) == (301, "/admin/auth/")


def test_the_key_set_is_answered_with_a_final_slash_too(nobody, db):
    assert nobody.get("/api/auth/jwks.json/").json() == nobody.get("/api/auth/jwks.json").json()
