"""The answer of every route of every service to each kind of user, compared with a table.

The routes come from the services' own schemas; a route without a line in the table fails. Each is
requested with and without its final slash.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ...support.installation import Installation, World
from ...support.token_forger import Forger

#: client, other client, admin; nobody and all bad tokens get 401.
EVERYBODY = (200, 200, 200)
ADMINS = (403, 403, 200)
#: Of the client's own device: for others it does not exist.
OWN = (200, 404, 200)
#: Writes to the client's device: not theirs to do; the administrator writes to one that is not
#: there, so that nothing changes.
ADMIN_WRITES_OWN = (403, 404, 404)
#: As above, of an object that clients never learn of.
ADMIN_WRITES = (403, 403, 404)
#: As above, of energy that is not held any more.
ADMIN_DECIDES = (403, 403, 409)
#: An empty body, which is not enough.
ADMIN_CREATES = (403, 403, 400)

PRIVATE: dict[str, tuple[int, int, int]] = {
    "GET /api/auth/me/": EVERYBODY,
    "PATCH /api/auth/me/": EVERYBODY,
    "POST /api/auth/password/": (400, 400, 400),
    "GET /api/auth/sessions/": EVERYBODY,
    "DELETE /api/auth/sessions/": (204, 204, 204),
    "DELETE /api/auth/sessions/{session_id}/": (404, 404, 404),
    "GET /api/auth/events/": ADMINS,
    "GET /api/users/": ADMINS,
    "POST /api/users/": ADMIN_CREATES,
    "GET /api/users/{user_id}/": ADMINS,
    "PATCH /api/users/{user_id}/": ADMIN_WRITES,
    "DELETE /api/users/{user_id}/": ADMIN_WRITES,
    "DELETE /api/users/{user_id}/sessions/": ADMIN_WRITES,
    "GET /api/devices/": EVERYBODY,
    "POST /api/devices/": ADMIN_CREATES,
    "GET /api/devices/{device_id}/": OWN,
    "PUT /api/devices/{device_id}/": ADMIN_WRITES_OWN,
    "PATCH /api/devices/{device_id}/": ADMIN_WRITES_OWN,
    "DELETE /api/devices/{device_id}/": ADMIN_WRITES_OWN,
    "GET /api/devices/{device_id}/logs/": (403, 404, 200),
    "GET /api/devices/{device_id}/assignments/": OWN,
    "POST /api/devices/{device_id}/assignments/": ADMIN_WRITES_OWN,
    "DELETE /api/devices/{device_id}/assignments/{user_id}/": ADMIN_WRITES_OWN,
    "POST /api/devices/{device_id}/channels/": ADMIN_WRITES_OWN,
    "PATCH /api/devices/{device_id}/channels/{code}/": ADMIN_WRITES_OWN,
    "DELETE /api/devices/{device_id}/channels/{code}/": ADMIN_WRITES_OWN,
    "GET /api/devices/{device_id}/meters/": OWN,
    "POST /api/devices/{device_id}/meters/": ADMIN_WRITES_OWN,
    "DELETE /api/devices/{device_id}/meters/{meter_id}/": ADMIN_WRITES_OWN,
    "PUT /api/devices/{device_id}/deploy/": ADMIN_WRITES_OWN,
    "PUT /api/devices/{device_id}/recall/": ADMIN_WRITES_OWN,
    "PUT /api/devices/{device_id}/maintenance/": ADMIN_WRITES_OWN,
    "PUT /api/devices/{device_id}/reserve/": ADMIN_WRITES_OWN,
    "PUT /api/devices/{device_id}/retire/": ADMIN_WRITES_OWN,
    "PUT /api/devices/{device_id}/status/": ADMIN_WRITES_OWN,
    "GET /api/devices/in_stock/": EVERYBODY,
    "GET /api/devices/deployed/": EVERYBODY,
    "GET /api/devices/maintenance/": EVERYBODY,
    "GET /api/devices/logs/": ADMINS,
    "GET /api/devices/export/": EVERYBODY,
    "POST /api/devices/export/": (400, 400, 400),
    "POST /api/devices/bulk/": ADMIN_CREATES,
    # It takes CSV, not JSON.
    "POST /api/devices/import/": (403, 403, 415),
    "GET /api/monitoring/devices/": EVERYBODY,
    "GET /api/monitoring/devices/states/": EVERYBODY,
    "GET /api/monitoring/data/": OWN,
    "DELETE /api/monitoring/data/": (403, 403, 404),
    "GET /api/monitoring/data/removed/": ADMINS,
    "GET /api/monitoring/hourly/daily/": OWN,
    "GET /api/monitoring/hourly/range/": OWN,
    "GET /api/monitoring/series/": OWN,
    "GET /api/monitoring/stats/": OWN,
    "GET /api/monitoring/alerts/": EVERYBODY,
    "POST /api/monitoring/alerts/{alert_id}/acknowledge/": (404, 404, 404),
    "GET /api/monitoring/held/": ADMINS,
    "POST /api/monitoring/held/{jump_id}/accept/": ADMIN_DECIDES,
    "POST /api/monitoring/held/{jump_id}/dismiss/": ADMIN_DECIDES,
    "POST /api/monitoring/held/{jump_id}/undo/": ADMIN_DECIDES,
    "GET /api/monitoring/ingestion/": ADMINS,
    "GET /api/monitoring/ingestion/unclaimed/": ADMINS,
    "GET /api/monitoring/ingestion/dead-letters/": ADMINS,
    "GET /api/monitoring/ingestion/dead-letters/replay/": ADMINS,
    "POST /api/monitoring/ingestion/dead-letters/replay/": (403, 403, 400),
    "GET /api/monitoring/ingestion/dead-letters/discards/": ADMINS,
    "POST /api/monitoring/ingestion/dead-letters/discards/": ADMIN_CREATES,
}

#: The same answer to everybody, whatever token comes along. Bodies are empty.
PUBLIC: dict[str, int] = {
    "GET /api/auth/register/": 200,
    "POST /api/auth/register/": 400,
    "POST /api/auth/login/": 400,
    "POST /api/auth/token/": 400,
    "POST /api/auth/token/refresh/": 400,
    "POST /api/auth/refresh/": 204,
    "POST /api/auth/logout/": 204,
    "GET /api/auth/jwks.json": 200,
}

#: Routes that end the caller's other tokens: requested by new accounts, one for each request.
ENDS_OWN_SESSIONS = {"DELETE /api/auth/sessions/"}

QUERY = {
    "date": "2024-06-01",
    "start": "2024-06-01T00:00:00Z",
    "end": "2024-06-02T00:00:00Z",
    "resolution": "hour",
    "timestamp": "2024-06-01T00:00:00Z",
}

Caller = tuple[str, dict[str, str]]


def routes(installation: Installation, world: World) -> dict[str, list[str]]:
    """Return the required query parameters of every operation of the three schemas."""
    answers = {}
    for service in ("auth", "devices", "monitoring"):
        schema = world.admin.get(f"/api/schema/{service}/").json()
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                parameters = operation.get("parameters", [])
                answers[f"{method.upper()} {path}"] = [
                    p["name"] for p in parameters if p["in"] == "query" and p.get("required")
                ]
    return answers


def new_token(installation: Installation, world: World, role: str) -> str:
    """Return the access token of a new account with that role."""
    login = {"username": f"once-{uuid4().hex[:8]}", "password": f"a-{uuid4().hex}"}
    assert world.admin.post("/api/users/", {**login, "role": role}).status_code == 201
    return installation.session(**login).token


@pytest.fixture(scope="module")
def matrix(installation: Installation, world: World) -> Any:
    """The route, caller, expected and actual answer, for every route and caller."""
    client, client_id = world.client("owner")
    other, _ = world.client("other")
    device_id = world.device(client_id)
    login = {"username": client.username, "password": client.password}
    pair = httpx.post(f"{installation.url}/api/auth/token/", json=login).json()
    forger = Forger(installation, pair["access"])
    bad = {
        "nobody": None,
        "expired": forger.sign(exp=1_000_000_000, iat=999_999_400),
        "wrong key": forger.sign(key=Ed25519PrivateKey.generate()),
        "refresh as access": pair["refresh"],
    }
    faults = []
    with httpx.Client(base_url=installation.url, timeout=30) as http:
        for route, required in routes(installation, world).items():
            expected: dict[str, int | None] = dict.fromkeys(bad, 401)
            if route in PUBLIC:
                expected = dict.fromkeys([*bad, "client", "other", "admin"], PUBLIC[route])
            elif route in PRIVATE:
                expected |= dict(zip(("client", "other", "admin"), PRIVATE[route], strict=True))
            else:
                faults.append((route, "anybody", "a line in this table", "none"))
                continue
            tokens = bad | {
                "client": client.token,
                "other": other.token,
                "admin": world.admin.token,
            }
            for caller, status in expected.items():
                method, path = route.split(" ")
                # An administrator's write must hit nothing.
                harmless = caller == "admin" and method != "GET"
                ids = {
                    "device_id": str(uuid4()) if harmless else device_id,
                    "user_id": str(uuid4()) if harmless else client_id,
                    "alert_id": "999999999",
                    "jump_id": "999999999",
                    "session_id": str(uuid4()),
                    "code": "main",
                    "meter_id": str(uuid4()),
                }
                for form in (path, path[:-1] if path.endswith("/") else f"{path}/"):
                    token = tokens[caller]
                    if route in ENDS_OWN_SESSIONS and caller not in bad:
                        role = "admin" if caller == "admin" else "client"
                        token = new_token(installation, world, role)
                    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
                    answer = http.request(
                        method,
                        form.format(**ids),
                        params={name: (QUERY | ids)[name] for name in required},
                        headers=headers,
                        json={} if method in ("POST", "PUT", "PATCH") else None,
                    )
                    faults.append((f"{method} {form}", caller, status, answer.status_code))
    return faults


def test_every_route_answers_each_caller_as_the_table_says(matrix):
    wrong = [
        f"{route} for {caller}: expected {expected}, got {got}"
        for route, caller, expected, got in matrix
        if expected != got
    ]

    assert not wrong, "\n".join(wrong)
    assert len(matrix) >= 2 * 40 * 7


def test_the_table_covers_all_three_services(matrix):
    assert {route.split("/")[2] for route, *_ in matrix} == {
        "auth",
        "users",
        "devices",
        "monitoring",
    }


def test_a_foreign_object_answers_as_one_that_does_not_exist(
    installation: Installation, world: World
):
    owner, owner_id = world.client("owner")
    stranger, _ = world.client("stranger")
    device_id = world.device(owner_id)
    templates = [
        "/api/devices/{id}/",
        "/api/monitoring/hourly/daily/?device_id={id}&date=2024-06-01",
        "/api/monitoring/data/?device_id={id}&start=2024-06-01T00:00:00Z&end=2024-06-02T00:00:00Z",
    ]

    for template in templates:
        theirs, nowhere = (
            stranger.request("GET", template.format(id=each)) for each in (device_id, uuid4())
        )
        assert owner.request("GET", template.format(id=device_id)).status_code == 200
        assert theirs.status_code == nowhere.status_code == 404
        assert {**theirs.json(), "request_id": ""} == {**nowhere.json(), "request_id": ""}


@pytest.mark.parametrize("path", ["/api/users/me/", "/api/devices/", "/api/monitoring/devices/"])
def test_a_token_in_the_address_is_ignored(path, installation: Installation, world: World):
    for name in ("token", "access_token", "Authorization"):
        answer = httpx.get(f"{installation.url}{path}", params={name: world.admin.token})
        assert answer.status_code in (401, 404)


def test_headers_that_claim_an_identity_are_ignored(installation: Installation, world: World):
    claims = dict.fromkeys(
        ("X-User-Id", "X-Forwarded-User", "X-Remote-User", "Remote-User"), world.admin.username
    )

    for path in ("/api/users/", "/api/devices/", "/api/monitoring/ingestion/"):
        assert httpx.get(f"{installation.url}{path}", headers=claims).status_code == 401


FORGERIES = {
    "alg none": lambda f: f.unsigned(),
    "HS256 with the public key": lambda f: f.hmac_with_public_key(),
    "unknown kid": lambda f: f.sign(kid="unknown"),
    "no kid": lambda f: f.sign(kid=None),
    "foreign issuer": lambda f: f.sign(iss="somebody/else"),
    "foreign audience": lambda f: f.sign(aud="something-else"),
    "no expiry": lambda f: f.sign(exp=None),
    "not yet valid": lambda f: f.sign(nbf=4_000_000_000),
    "not an access token": lambda f: f.sign(token_type="refresh"),
    "no version": lambda f: f.sign(ver=None),
    "true for a version": lambda f: f.sign(ver=True),
    "an expiry in quotes": lambda f: f.sign(exp=str(f.claims["exp"])),
    "key in the header": lambda f: f.with_own_key_in_header(),
    "another's name": lambda f: f.tampered(role="admin"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_is_rejected_by_all_three_services(
    name, installation: Installation, world: World
):
    forger = Forger(installation, world.admin.token)
    headers = {"Authorization": f"Bearer {FORGERIES[name](forger)}"}
    genuine = {"Authorization": f"Bearer {forger.sign()}"}

    for path in ("/api/users/", "/api/devices/", "/api/monitoring/ingestion/"):
        answer = httpx.get(f"{installation.url}{path}", headers=headers)
        assert answer.status_code == 401, path
        assert httpx.get(f"{installation.url}{path}", headers=genuine).status_code == 200


def test_no_admin_page_shows_anything_without_its_own_session(
    installation: Installation, world: World
):
    for service in ("auth", "devices", "monitoring"):
        url = f"{installation.url}/admin/{service}/"
        answer = httpx.get(url, headers={"Authorization": f"Bearer {world.admin.token}"})
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(f"/admin/{service}/login/?next=")
