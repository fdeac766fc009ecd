"""A browser's session in its cookie, and the ways in which sessions end."""

from __future__ import annotations

import base64

import pytest
from rest_framework.test import APIClient

from ..sign_in import (
    COOKIE,
    LOGIN,
    LOGOUT,
    REFRESH,
    exchange,
    log_in_as_browser,
    outlast_the_grace,
)


def test_a_browser_gets_its_refresh_token_in_an_http_only_cookie(alice, nobody, password, settings):
    response = log_in_as_browser(nobody, alice, password)

    assert set(response.json()) == {"access", "user"}
    assert response.json()["user"] == {
        "id": str(alice.id),
        "username": "alice",
        "email": "alice@example.org",
        "first_name": "",
        "last_name": "",
        "phone": "",
        "role": "client",
        "is_active": True,
        "language": "",
        "theme": "",
    }
    cookie = response.cookies[COOKIE]
    assert cookie["httponly"] is True
    assert cookie["secure"] == ""
    assert (cookie["samesite"], cookie["path"]) == ("Strict", "/api/auth/")
    assert cookie["max-age"] == settings.REFRESH_IDLE.total_seconds()
    assert cookie.value not in response.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_the_cookie_is_secure_and_of_this_host_alone_over_tls(alice, nobody, password):
    over_tls = {"HTTP_X_FORWARDED_PROTO": "https"}

    cookie = log_in_as_browser(nobody, alice, password, **over_tls).cookies[f"__Host-{COOKIE}"]

    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Strict")
    # Browsers reject a cookie of this name with another path or a domain.
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert nobody.post(REFRESH, **over_tls).status_code == 200
    deleted_cookie = nobody.post(LOGOUT, **over_tls).cookies[f"__Host-{COOKIE}"]
    assert (deleted_cookie.value, deleted_cookie["path"], deleted_cookie["secure"]) == (
        "",
        "/",
        True,
    )


def test_a_cookie_that_a_neighbouring_host_has_set_is_ignored(alice, nobody, password):
    planted = log_in_as_browser(nobody, alice, password).cookies[COOKIE].value
    victim = APIClient()
    victim.cookies[COOKIE] = planted

    assert victim.post(REFRESH, HTTP_X_FORWARDED_PROTO="https").status_code == 204


def test_a_browser_stays_logged_in_by_its_cookie(alice, nobody, password):
    first = log_in_as_browser(nobody, alice, password).cookies[COOKIE].value

    response = nobody.post(REFRESH)

    assert response.status_code == 200
    assert set(response.json()) == {"access", "user"}
    assert response.cookies[COOKIE].value != first


def test_a_reused_cookie_ends_its_family(alice, nobody, password):
    stolen = log_in_as_browser(nobody, alice, password).cookies[COOKIE].value
    nobody.post(REFRESH)
    outlast_the_grace()
    thief = APIClient()
    thief.cookies[COOKIE] = stolen

    assert thief.post(REFRESH).status_code == 401
    assert nobody.post(REFRESH).status_code == 401


def test_a_refresh_without_a_cookie_opens_no_session(nobody, db):
    response = nobody.post(REFRESH)

    # Not 401: a browser would write an error into the console of every first visit.
    assert (response.status_code, response.content) == (204, b"")


def test_an_invalid_cookie_is_rejected(nobody, db):
    nobody.cookies[COOKIE] = "nonsense"

    response = nobody.post(REFRESH)

    assert (response.status_code, response.json()["code"]) == (401, "session_ended")


def test_a_logout_ends_all_sessions_and_deletes_the_cookie(alice, bob, nobody, password, log_in):
    refresh = log_in_as_browser(nobody, alice, password).cookies[COOKIE].value
    elsewhere, others = log_in(alice), log_in(bob)

    response = nobody.post(LOGOUT)

    assert response.status_code == 204
    assert (response.cookies[COOKIE].value, response.cookies[COOKIE]["max-age"]) == ("", 0)
    assert response.cookies[COOKIE]["path"] == "/api/auth/"
    assert exchange(refresh).status_code == 401
    assert exchange(elsewhere["refresh"]).status_code == 401
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {elsewhere['access']}"}
    assert APIClient().get("/api/auth/me/", **bearer).status_code == 401
    assert exchange(others["refresh"]).status_code == 200


def test_a_logout_is_published_to_the_other_services(alice, nobody, password, events):
    log_in_as_browser(nobody, alice, password)

    nobody.post(LOGOUT)

    event_type, version, data = events(alice)[-1]
    assert (event_type, version, data["token_version"]) == ("user_updated", 2, 2)


def test_a_program_logs_out_by_its_refresh_token(alice, nobody, log_in):
    first, second = log_in(alice)["refresh"], log_in(alice)["refresh"]

    assert nobody.post(LOGOUT, {"refresh": first}, format="json").status_code == 204

    assert exchange(second).status_code == 401


def test_the_id_of_a_session_is_not_enough_to_end_it(alice, nobody, log_in):
    refresh = log_in(alice)["refresh"]
    forged = base64.urlsafe_b64encode(base64.urlsafe_b64decode(refresh)[:16] + bytes(32)).decode()

    assert nobody.post(LOGOUT, {"refresh": forged}, format="json").status_code == 204

    assert exchange(refresh).status_code == 200


def test_a_token_of_ended_sessions_ends_no_newer_ones(alice, nobody, log_in):
    old = log_in(alice)["refresh"]
    nobody.post(LOGOUT, {"refresh": old}, format="json")
    new = log_in(alice)["refresh"]

    nobody.post(LOGOUT, {"refresh": old}, format="json")

    assert exchange(new).status_code == 200


def test_an_administrator_ends_the_sessions_of_a_user(alice, bob, admin, acting_as, log_in):
    refresh = log_in(alice)["refresh"]
    url = f"/api/users/{alice.id}/sessions/"

    assert acting_as(bob).delete(url).status_code == 403
    assert exchange(refresh).status_code == 200
    assert acting_as(admin).delete(url).status_code == 204

    assert exchange(refresh).status_code == 401


def test_a_logout_without_a_session_succeeds(nobody, db):
    assert nobody.post(LOGOUT).status_code == 204
    nobody.cookies[COOKIE] = "nonsense"
    assert nobody.post(LOGOUT).status_code == 204


def test_a_second_login_ends_the_session_it_replaces(alice, nobody, password):
    first = log_in_as_browser(nobody, alice, password).cookies[COOKIE].value
    log_in_as_browser(nobody, alice, password)

    assert exchange(first).status_code == 401
    assert nobody.post(REFRESH).status_code == 200


@pytest.mark.parametrize("url", [LOGIN, REFRESH, LOGOUT])
@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_ORIGIN": "http://evil.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_ORIGIN": ""},
        {"HTTP_ORIGIN": "https://127.0.0.1.evil.example"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
    ],
    ids=lambda headers: next(iter(headers.values())) or "empty",
)
def test_a_foreign_page_cannot_use_the_cookie(alice, nobody, password, url, headers):
    log_in_as_browser(nobody, alice, password)
    credentials = {"username": "alice", "password": password}

    response = nobody.post(url, credentials, format="json", **headers)

    assert (response.status_code, response.json()["code"]) == (403, "origin_not_allowed")
    assert not response.cookies
    assert nobody.post(REFRESH).status_code == 200


def test_a_rejected_origin_is_named_beside_the_expected_ones(nobody, db, settings):
    settings.PUBLIC_ORIGINS = ["http://127.0.0.1:8080", "https://energy.example.org"]

    answer = nobody.post(REFRESH, HTTP_ORIGIN="https://127.0.0.1:8080").json()

    assert (answer["status"], answer["code"]) == (403, "origin_not_allowed")
    assert '"https://127.0.0.1:8080"' in answer["detail"]
    assert "http://127.0.0.1:8080, https://energy.example.org." in answer["detail"]
    assert "EMS_PUBLIC_ORIGINS" in answer["detail"]


@pytest.mark.parametrize(
    "header", ["HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE"], ids=["Origin", "Sec-Fetch-Site"]
)
def test_a_rejected_origin_is_quoted_without_markup_and_shortened(nobody, db, header):
    odd = '<script>"\x1b[31m\u00e9' + "x" * 5_000

    detail = nobody.post(REFRESH, **{header: odd}).json()["detail"]

    assert '"?script???[31m?xxx' in detail
    assert len(detail) < 600
    assert {c for c in detail if not c.isascii()} <= {"…"}
    assert not set("<>\x1b") & set(detail)


def test_own_pages_and_programs_may_use_the_cookie(alice, nobody, password, settings):
    origin = settings.PUBLIC_ORIGINS[0]

    assert log_in_as_browser(nobody, alice, password, HTTP_ORIGIN=origin).status_code == 200
    assert nobody.post(REFRESH, HTTP_ORIGIN=origin).status_code == 200
    assert nobody.post(REFRESH).status_code == 200
    assert nobody.post(LOGOUT, HTTP_ORIGIN=origin).status_code == 204
