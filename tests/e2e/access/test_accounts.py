"""Permissions and their end: the same in all three services, through the gateway."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import jwt
import pytest
from playwright.sync_api import expect, sync_playwright
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from service_kit.testing.waiting import wait_until

from ...support.browser import OPTIONS, chromium
from ...support.installation import Installation, Session, World

#: One route of each service that any user may ask.
PROTECTED = ("/api/auth/me/", "/api/devices/", "/api/monitoring/devices/")

#: How soon a change of somebody's rights must count everywhere, in seconds.
SOON = 2.0


class Account:
    """A new account with its tokens, which does not log in again by itself."""

    def __init__(self, installation: Installation, world: World, role: str) -> None:
        self.url, self.role = installation.url, role
        self.login = {"username": f"{role}-{uuid4().hex[:8]}", "password": f"a-{uuid4().hex}"}
        body = {**self.login, "role": role}
        self.id: str = world.admin.post("/api/users/", body).json()["id"]
        self.tokens = self.log_in()
        wait_until(lambda: self.statuses() == {200})

    def log_in(self) -> dict[str, str]:
        answer = httpx.post(f"{self.url}/api/auth/token/", json=self.login)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def statuses(self, access: str | None = None) -> set[int]:
        headers = {"Authorization": f"Bearer {access or self.tokens['access']}"}
        return {httpx.get(f"{self.url}{path}", headers=headers).status_code for path in PROTECTED}

    def refresh(self, refresh: str | None = None) -> httpx.Response:
        body = {"refresh": refresh or self.tokens["refresh"]}
        return httpx.post(f"{self.url}/api/auth/token/refresh/", json=body)


@pytest.fixture
def account(installation: Installation, world: World) -> Callable[[str], Account]:
    return lambda role="client": Account(installation, world, role)


@contextmanager
def live(installation: Installation, access: str) -> Iterator[ClientConnection]:
    """Yield an open, authenticated socket."""
    address = f"ws://127.0.0.1:{installation.port}/ws/monitoring/"
    with connect(address, origin=installation.url) as socket:
        socket.send(json.dumps({"type": "authenticate", "token": access}))
        assert json.loads(socket.recv(timeout=10))["type"] == "authenticated"
        yield socket


def close_code(socket: ClientConnection) -> int | None:
    """Return the code with which the server closes in time; None if it does not."""
    end = time.monotonic() + SOON
    try:
        while time.monotonic() < end:
            socket.recv(timeout=max(0.01, end - time.monotonic()))
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
    except TimeoutError:
        pass
    return None


CHANGES = {
    "disabled": (
        "client",
        lambda boss, user: boss.request("PATCH", user, json={"is_active": False}),
    ),
    "deleted": ("client", lambda boss, user: boss.request("DELETE", user)),
    "demoted": ("admin", lambda boss, user: boss.request("PATCH", user, json={"role": "client"})),
    "given a new password": (
        "client",
        lambda boss, user: boss.request("PATCH", user, json={"password": f"b-{uuid4().hex}"}),
    ),
    "thrown out": ("client", lambda boss, user: boss.request("DELETE", f"{user}sessions/")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_token_is_rejected_everywhere_within_two_seconds_of_its_end(
    change, installation: Installation, world: World, account
):
    role, do = CHANGES[change]
    user = account(role)

    with live(installation, user.tokens["access"]) as socket:
        answer = do(world.admin, f"/api/users/{user.id}/")
        assert answer.status_code in (200, 204), answer.text

        assert close_code(socket) == 4403
        wait_until(lambda: user.statuses() == {401}, SOON, "a service still takes the token")
    assert user.refresh().status_code == 401


@pytest.mark.parametrize("how", ["logout", "password"])
def test_a_logout_and_a_new_password_end_all_sessions(how, installation: Installation, account):
    user = account()
    elsewhere = user.log_in()
    other = account()

    with live(installation, elsewhere["access"]) as socket:
        if how == "logout":
            body = {"refresh": user.tokens["refresh"]}
            answer = httpx.post(f"{installation.url}/api/auth/logout/", json=body)
        else:
            body = {
                "current_password": user.login["password"],
                "new_password": f"b-{uuid4().hex}",
            }
            headers = {"Authorization": f"Bearer {user.tokens['access']}"}
            url = f"{installation.url}/api/auth/password/"
            answer = httpx.post(url, json=body, headers=headers)
        assert answer.status_code == 204, answer.text

        assert close_code(socket) == 4403
        wait_until(lambda: user.statuses(elsewhere["access"]) == {401}, SOON)
    assert user.refresh(elsewhere["refresh"]).status_code == 401
    assert other.statuses() == {200}


def test_a_session_that_its_user_ends_is_rejected_everywhere_within_two_seconds(
    installation: Installation, account
):
    user = account()
    elsewhere = user.log_in()
    session = jwt.decode(elsewhere["access"], options={"verify_signature": False})["sid"]
    headers = {"Authorization": f"Bearer {user.tokens['access']}"}

    with live(installation, elsewhere["access"]) as socket:
        answer = httpx.delete(f"{user.url}/api/auth/sessions/{session}/", headers=headers)
        assert answer.status_code == 204, answer.text

        assert close_code(socket) == 4403
        wait_until(lambda: user.statuses(elsewhere["access"]) == {401}, SOON)
    assert user.refresh(elsewhere["refresh"]).status_code == 401
    # The user's other session goes on with its next token, at once.
    assert user.statuses(user.refresh().json()["access"]) == {200}


def test_a_reused_refresh_token_ends_all_sessions_everywhere_and_is_logged(world: World, account):
    user = account()
    elsewhere = user.log_in()
    second = user.refresh().json()["refresh"]
    third = user.refresh(second).json()

    # Its successor was used, so no answer was lost: somebody else has it.
    assert user.refresh().status_code == 401

    assert user.refresh(third["refresh"]).status_code == 401
    assert user.refresh(elsewhere["refresh"]).status_code == 401
    for access in (third["access"], elsewhere["access"]):
        wait_until(lambda access=access: user.statuses(access) == {401}, SOON)
    entries = world.admin.get("/api/auth/events/", subject_id=user.id).json()["results"]
    (entry,) = [entry for entry in entries if entry["kind"] == "session_revoked"]
    assert entry["details"] == {"reason": "reuse"}
    assert entry["address"] == "127.0.0.1"


def test_repeated_guesses_are_locked_out_with_any_claimed_address(
    installation: Installation, account
):
    user = account()
    url = f"{installation.url}/api/auth/token"
    answers = [
        httpx.post(
            f"{url}/" if n % 2 else url,
            json={**user.login, "password": password},
            headers={"X-Forwarded-For": f"10.0.0.{n}", "X-Real-IP": f"10.0.0.{n}"},
        )
        for n, password in enumerate(["wrong"] * 5 + [user.login["password"]])
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    # Guesses of somebody else do not end the session of a signed-in user.
    assert user.statuses() == {200}


def test_a_new_signing_key_logs_nobody_out(installation: Installation, world: World, account):
    user = account()

    output = installation.ems("manage", "auth_service", "rotate_signing_key").stdout

    wait_until(lambda: jwt.get_unverified_header(user.log_in()["access"])["kid"] in output)
    new = user.refresh().json()["access"]
    kids = [jwt.get_unverified_header(token)["kid"] for token in (user.tokens["access"], new)]
    assert kids[0] != kids[1]
    assert f"{kids[1]} signs now" in output
    assert f"{kids[0]} verifies until" in output
    assert user.statuses() == {200}
    assert user.statuses(new) == {200}
    published = httpx.get(f"{installation.url}/api/auth/jwks.json").json()["keys"]
    assert set(kids) <= {key["kid"] for key in published}
    entry = world.admin.get("/api/auth/events/", kind="key_rotated").json()["results"][0]
    assert entry["details"]["kid"] == kids[1]


def test_no_request_asks_another_service(installation: Installation, account):
    user = account()
    headers = {"Authorization": f"Bearer {user.tokens['access']}"}

    installation.ems("kill", "auth-web", "STOP")
    try:
        for path in PROTECTED[1:]:
            answer = httpx.get(f"{installation.url}{path}", headers=headers, timeout=5)
            assert answer.status_code == 200
    finally:
        installation.ems("kill", "auth-web", "CONT")
    assert user.statuses() == {200}


def test_the_security_log_names_actor_action_target_and_time(world: World, account):
    before = datetime.now(UTC)
    user = account()
    answer = world.admin.request("PATCH", f"/api/users/{user.id}/", json={"role": "admin"})

    entries = world.admin.get("/api/auth/events/", subject_id=user.id).json()["results"]
    entry = next(entry for entry in entries if entry["kind"] == "role_changed")

    assert entry["actor_name"] == world.admin.username
    assert entry["subject_name"] == user.login["username"]
    assert entry["details"] == {"old": "client", "new": "admin"}
    assert datetime.fromisoformat(entry["occurred_at"]) >= before
    assert entry["request_id"] == answer.headers["X-Request-Id"]


def test_no_cross_origin_page_reads_an_answer(installation: Installation, world: World):
    headers = {"Origin": "https://evil.example", "Authorization": f"Bearer {world.admin.token}"}

    for path in PROTECTED:
        answer = httpx.get(f"{installation.url}{path}", headers=headers)
        assert "Access-Control-Allow-Origin" not in answer.headers
        answer = httpx.options(
            f"{installation.url}{path}",
            headers={**headers, "Access-Control-Request-Method": "DELETE"},
        )
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_socket_of_a_foreign_page_is_rejected(installation: Installation):
    address = f"ws://127.0.0.1:{installation.port}/ws/monitoring/"
    for origin in ("https://evil.example", None):
        with pytest.raises(Exception, match="403"), connect(address, origin=origin):
            pass


def test_an_administrators_login_opens_the_admin_of_all_three_services(
    installation: Installation, world: World, account
):
    client: Account = account()

    def sign_in(page, session: Session | Account) -> None:
        login = session.login if isinstance(session, Account) else {}
        page.get_by_label("Username").fill(login.get("username") or session.username)
        page.get_by_label("Password").fill(login.get("password") or session.password)
        page.get_by_role("button", name="Log in").click()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=OPTIONS)
        page = browser.new_page(base_url=installation.url)
        problems: list[str] = []
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)

        page.goto("/admin/auth/authentication/user/")
        sign_in(page, world.admin)
        expect(page.get_by_role("heading", name="Select user to change")).to_be_visible()
        for service in ("devices", "monitoring"):
            # The same login, without a word.
            page.goto(f"/admin/{service}/")
            expect(page.get_by_role("link", name="Known users", exact=True)).to_be_visible()
        assert problems == []

        stranger = browser.new_page(base_url=installation.url)
        stranger.goto("/admin/devices/")
        sign_in(stranger, client)
        expect(stranger.get_by_role("alert")).to_have_text("Your role does not permit this.")
        browser.close()
