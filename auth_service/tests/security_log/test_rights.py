"""The service's database role can do its work and cannot change the security log."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, transaction
from rest_framework.test import APIClient

from authentication.models import SecurityEvent
from service_kit.outbox.models import OutboxEvent
from service_kit.testing.rights import as_the_service, attacks_on


@pytest.fixture
def as_service(db):
    with as_the_service() as cursor:
        yield cursor


@pytest.mark.parametrize("statement", attacks_on("security_event"))
def test_the_database_role_cannot_change_the_log_or_its_triggers(alice, as_service, statement):
    before = list(SecurityEvent.objects.values())
    rejection = "permission denied|must be owner"

    with pytest.raises(ProgrammingError, match=rejection), transaction.atomic():
        as_service.execute(statement)

    assert list(SecurityEvent.objects.values()) == before


def test_the_database_role_can_do_everything_that_the_service_does(
    admin, alice, log_in, acting_as, password, as_service, monkeypatch
):
    boss, new = acting_as(admin), {"username": "carol", "password": "a new and long one"}
    refresh = {"refresh": log_in(alice)["refresh"]}
    answers = [
        APIClient().post("/api/auth/register/", new, format="json"),
        APIClient().post("/api/auth/token/", {**new, "password": "not it"}, format="json"),
        APIClient().post("/api/auth/token/refresh/", refresh, format="json"),
        boss.get("/api/users/"),
        boss.patch(f"/api/users/{alice.id}/", {"role": "admin"}, format="json"),
        boss.get("/api/auth/events/"),
        boss.delete(f"/api/users/{alice.id}/sessions/"),
        boss.delete(f"/api/users/{alice.id}/"),
    ]
    monkeypatch.setenv("ADMIN_PASSWORD", password)
    call_command("ensure_admin", username="root", verbosity=0)
    call_command("publish_snapshot", verbosity=0)
    OutboxEvent.objects.all().delete()

    assert [answer.status_code for answer in answers] == [201, 401, 200, 200, 200, 200, 204, 204]
    kinds = set(SecurityEvent.objects.values_list("kind", flat=True))
    assert {"login", "login_failed", "role_changed", "session_revoked", "user_deleted"} <= kinds
