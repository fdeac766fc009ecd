"""The gateway: the paths that it routes, those that it rejects, the headers of every answer."""

from __future__ import annotations

import http.client
import json
from contextlib import closing

import httpx
import pytest

from ...support.installation import Installation, World


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
def test_an_encoded_slash_is_rejected(path, installation: Installation):
    assert installation.status_of(path) == 400


ODD = [
    "",
    "null",
    "http://127.0.0.1:{port}.evil.example",
    "http://127.0.0.1:{port}0",
    "http://[",
    "http://[::1",
    "http://127.0.0.1:x",
    "127.0.0.1:99999",
    "127.0.0.1:",
    ":",
    "[",
    "..",
    "a_b",
    "\xff",
    "x" * 4_000,
]

ROUTES = [
    ("GET", "/api/users/"),
    ("POST", "/api/auth/refresh/"),
    ("POST", "/api/auth/logout/"),
    ("GET", "/api/devices/"),
    ("GET", "/api/monitoring/devices/"),
    ("GET", "/admin/auth/login/"),
    ("GET", "/ws/monitoring/"),
    ("GET", "/"),
]


@pytest.mark.parametrize(
    "name", ["Origin", "Host", "Referer", "Cookie", "Authorization", "X-Forwarded-For", "Accept"]
)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_an_odd_header_never_leads_to_a_server_error(
    method, path, name, installation: Installation, world: World
):
    for odd in ODD:
        value = odd.format(port=installation.port)
        headers = {"Authorization": f"Bearer {world.admin.token}", name: value}
        status, _ = answer_to(installation, method, path, headers)
        assert status < 500, value


@pytest.mark.parametrize("host", ["", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:65535"])
@pytest.mark.parametrize("path", ["/api/users/", "/api/devices/", "/api/monitoring/devices/"])
def test_a_link_to_the_next_page_names_the_public_address(
    path, host, installation: Installation, world: World
):
    _, client_id = world.client("links")
    for _ in range(2):
        world.device(client_id)
    headers = {"Authorization": f"Bearer {world.admin.token}", "Host": host}

    status, body = answer_to(installation, "GET", f"{path}?page_size=1", headers)

    assert status == 200
    assert json.loads(body)["next"].startswith(f"{installation.url}{path}")


def answer_to(
    installation: Installation, method: str, path: str, headers: dict[str, str]
) -> tuple[int, bytes]:
    """Send a request with exactly these headers; return status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=30)
    with closing(connection):
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value.encode("latin-1"))
        connection.putheader("Content-Length", "0")
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", ["/api/auth/nope", "/api/devices/nope", "/api/monitoring/nope"])
def test_an_unknown_route_answers_with_a_problem_document(
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


def test_answers_of_the_api_are_not_stored_by_caches(world: World):
    assert world.admin.get("/api/auth/me/").headers["Cache-Control"] == "no-store"


def test_a_client_sees_only_their_own_devices(installation: Installation, world: World):
    alice, alice_id = world.client("alice")
    bob, _ = world.client("bob")
    meter = world.device(alice_id)

    assert world.hours_answer(alice, meter).status_code == 200
    assert world.hours_answer(bob, meter).status_code == 404
    assert bob.get(f"/api/devices/{meter}/").status_code == 404
    assert bob.get("/api/monitoring/devices/").json()["count"] == 0
    assert bob.get("/api/users/").status_code == 403
