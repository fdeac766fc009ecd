"""One origin: what is routed, what is not, and what every answer carries."""

from __future__ import annotations

import http.client

import httpx
import pytest

from .installation import Installation, World


def status_of(installation: Installation, path: str) -> int:
    """Asks for the path exactly as written: a client library would tidy it up first."""
    connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=10)
    connection.putrequest("GET", path, skip_host=False)
    connection.endheaders()
    return connection.getresponse().status


def test_the_first_page_is_the_dashboard(installation: Installation):
    page = httpx.get(installation.url)

    assert page.status_code == 200
    assert "<div id=" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_of_the_dashboard_can_be_opened_directly(installation: Installation):
    assert httpx.get(f"{installation.url}/energy").status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/api/version"])
def test_nothing_internal_is_routed(path, installation: Installation):
    assert httpx.get(f"{installation.url}{path}").status_code == 404


@pytest.mark.parametrize("path", ["/api/..%2fhealth/live", "/api/monitoring/..%2f..%2fhealth/live"])
def test_an_encoded_slash_is_refused(path, installation: Installation):
    assert status_of(installation, path) == 400


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", ["/api/auth/nope", "/api/devices/nope", "/api/monitoring/nope"])
def test_a_route_that_is_not_there_answers_with_a_problem(
    path, slash, installation: Installation, world: World
):
    answer = world.admin.get(path + slash)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"]


@pytest.mark.parametrize("service", ["auth", "devices", "monitoring"])
def test_each_service_publishes_its_schema(service, installation: Installation, world: World):
    answer = world.admin.get(f"/api/schema/{service}/")

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")


def test_answers_of_the_api_are_not_kept_by_caches(world: World):
    assert world.admin.get("/api/auth/me/").headers["Cache-Control"] == "no-store"


def test_a_client_sees_only_their_own(installation: Installation, world: World):
    alice, alice_id = world.client("alice")
    bob, _ = world.client("bob")
    meter = world.device(alice_id)

    assert world.hours_answer(alice, meter).status_code == 200
    assert world.hours_answer(bob, meter).status_code == 404
    assert bob.get(f"/api/devices/{meter}/").status_code == 404
    assert bob.get("/api/monitoring/devices/").json()["count"] == 0
    assert bob.get("/api/users/").status_code == 403
