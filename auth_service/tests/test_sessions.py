"""Logging in, staying logged in, logging out."""

from __future__ import annotations

import base64
import logging
import sys
from datetime import timedelta
from threading import Thread
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from authentication.models import RefreshFamily, User
from authentication.services import user_delete, user_update

TOKEN, TOKEN_REFRESH = "/api/auth/token/", "/api/auth/token/refresh/"
LOGIN, REFRESH, LOGOUT = "/api/auth/login/", "/api/auth/refresh/", "/api/auth/logout/"
COOKIE = "ems_refresh"


def exchange(refresh: str):
    return APIClient().post(TOKEN_REFRESH, {"refresh": refresh}, format="json")


def log_in_as_browser(client, user, password, **headers):
    credentials = {"username": user.username, "password": password}
    return client.post(LOGIN, credentials, format="json", **headers)


# --- who may come in --------------------------------------------------------------------------


def test_a_name_is_known_whatever_its_case(alice, nobody, password):
    response = nobody.post(TOKEN, {"username": "Alice", "password": password}, format="json")

    assert response.status_code == 200


@pytest.mark.parametrize("url", [TOKEN, LOGIN])
def test_unknown_wrong_disabled_and_deleted_get_the_same_answer(
    alice, bob, admin, nobody, password, url
):
    user_update(user_id=bob.id, changes={"is_active": False})
    user_delete(user_id=user_named("gone").id)
    attempts = [
        {"username": "nobody at all", "password": password},
        {"username": "alice", "password": "not hers"},
        {"username": "bob", "password": password},
        {"username": "gone", "password": password},
    ]

    answers = [nobody.post(url, attempt, format="json") for attempt in attempts]

    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert bodies == [bodies[0]] * len(attempts)
    assert (bodies[0]["status"], bodies[0]["code"]) == (401, "invalid_credentials")
    assert {answer["WWW-Authenticate"] for answer in answers} == {'Bearer realm="api"'}
    assert not any(answer.cookies for answer in answers)


def user_named(name: str) -> User:
    return User.objects.create(username=name)


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password was hashed: what a login's time consists of."""

    count = 0

    def encode(self, password, salt):
        CountingHasher.count += 1
        return super().encode(password, salt)


@pytest.fixture
def counting_hasher(settings, monkeypatch):
    # Django finds hashers by dotted name; this module has one only here.
    monkeypatch.setitem(sys.modules, "counting", SimpleNamespace(CountingHasher=CountingHasher))
    settings.PASSWORD_HASHERS = ["counting.CountingHasher"]
    CountingHasher.count = 0
    return CountingHasher


@pytest.mark.parametrize("name", ["alice", "bob", "nobody"], ids=["known", "disabled", "unknown"])
def test_every_refused_login_costs_one_hash(alice, bob, nobody, counting_hasher, name):
    user_update(user_id=bob.id, changes={"is_active": False})

    response = nobody.post(TOKEN, {"username": name, "password": "not it"}, format="json")

    assert response.status_code == 401
    assert counting_hasher.count == 1


def test_a_stale_bearer_token_does_not_stand_in_the_way_of_a_login(alice, password):
    client = APIClient(HTTP_AUTHORIZATION="Bearer long.gone.token")

    assert log_in_as_browser(client, alice, password).status_code == 200


@pytest.mark.parametrize("body", [{}, {"username": "alice"}, [], "text", {"username": {}}])
def test_a_login_without_name_or_password_is_an_error_of_the_request(nobody, db, body):
    assert nobody.post(TOKEN, body, format="json").status_code == 400


# --- refresh tokens of programs ---------------------------------------------------------------


def test_a_refresh_gives_new_tokens(alice, log_in):
    first = log_in(alice)

    second = exchange(first["refresh"]).json()

    assert set(second) == {"access", "refresh"}
    assert second["refresh"] != first["refresh"]
    assert second["access"] != first["access"]
    assert exchange(second["refresh"]).status_code == 200


def test_a_reused_refresh_token_ends_its_family(alice, log_in, caplog):
    first = log_in(alice)["refresh"]
    second = exchange(first).json()["refresh"]

    with caplog.at_level(logging.WARNING):
        reused = exchange(first)

    assert (reused.status_code, reused.json()["code"]) == (401, "session_ended")
    assert exchange(second).status_code == 401
    assert f"user={alice.id}" in caplog.text
    assert first not in caplog.text


def test_an_older_ancestor_ends_the_family_too(alice, log_in):
    tokens = [log_in(alice)["refresh"]]
    for _ in range(3):
        tokens.append(exchange(tokens[-1]).json()["refresh"])

    assert exchange(tokens[0]).status_code == 401
    assert exchange(tokens[-1]).status_code == 401


def test_other_sessions_outlive_a_revoked_one(alice, log_in):
    stolen, other = log_in(alice)["refresh"], log_in(alice)["refresh"]
    exchange(stolen)
    exchange(stolen)

    assert exchange(other).status_code == 200


@pytest.mark.parametrize("refresh", ["", "x", "é", "\x00", "A" * 64, "A" * 10_000])
def test_nonsense_is_no_refresh_token(db, refresh):
    assert exchange(refresh).status_code in (400, 401)


def test_an_access_token_is_no_refresh_token(alice, log_in):
    assert exchange(log_in(alice)["access"]).status_code == 401


def test_the_database_holds_nothing_to_log_in_with(alice, log_in):
    refresh = log_in(alice)["refresh"]
    secret = base64.urlsafe_b64decode(refresh)[16:]

    (family,) = RefreshFamily.objects.values()

    assert secret.hex() not in str(family)
    assert refresh not in str(family)


def test_the_refresh_of_a_deleted_user_is_refused(alice, log_in):
    refresh = log_in(alice)["refresh"]
    user_delete(user_id=alice.id)

    assert exchange(refresh).status_code == 401


def test_the_refresh_of_a_user_enabled_again_stays_refused(alice, log_in):
    refresh = log_in(alice)["refresh"]
    user_update(user_id=alice.id, changes={"is_active": False})
    assert exchange(refresh).status_code == 401
    user_update(user_id=alice.id, changes={"is_active": True})

    assert exchange(refresh).status_code == 401


def test_an_unused_session_ends(alice, log_in):
    refresh = log_in(alice)["refresh"]
    RefreshFamily.objects.update(expires_at=timezone.now())

    assert exchange(refresh).status_code == 401


def test_a_used_session_goes_on_until_its_last_day(alice, log_in, settings):
    refresh = log_in(alice)["refresh"]
    begun = timezone.now() - settings.REFRESH_ABSOLUTE + timedelta(hours=1)
    RefreshFamily.objects.update(created_at=begun)

    assert exchange(refresh).status_code == 200

    assert RefreshFamily.objects.get().expires_at == begun + settings.REFRESH_ABSOLUTE


def test_a_login_sweeps_up_the_users_old_sessions(alice, bob, log_in):
    log_in(alice), log_in(bob)
    RefreshFamily.objects.update(expires_at=timezone.now())

    log_in(alice)

    assert RefreshFamily.objects.filter(user=alice).count() == 1
    assert RefreshFamily.objects.filter(user=bob).count() == 1


def at_the_same_time(requests, wait_until_blocked) -> list:
    """The answers to requests that all arrive before the first of them gets the family's lock."""
    answers = []

    def send(request):
        try:
            answers.append(request())
        finally:
            connection.close()

    threads = [Thread(target=send, args=[request]) for request in requests]
    with transaction.atomic():
        list(RefreshFamily.objects.select_for_update())
        for thread in threads:
            thread.start()
        wait_until_blocked(len(threads))
    for thread in threads:
        thread.join()
    return sorted(answers, key=lambda answer: answer.status_code)


@pytest.mark.django_db(transaction=True)
def test_parallel_refreshes_yield_one_family_and_one_successor(alice, log_in, wait_until_blocked):
    refresh = log_in(alice)["refresh"]

    first, *others = at_the_same_time([lambda: exchange(refresh)] * 3, wait_until_blocked)

    assert first.status_code == 200
    assert [(o.status_code, o.json()["code"]) for o in others] == [(401, "superseded")] * 2
    assert RefreshFamily.objects.get().revoked_at is None
    assert exchange(first.json()["refresh"]).status_code == 200
    assert exchange(refresh).status_code == 401
    assert RefreshFamily.objects.get().revoked_at is not None


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_wake_up_together_both_go_on(alice, password, wait_until_blocked):
    browser = APIClient()
    log_in_as_browser(browser, alice, password)
    tabs = [APIClient(), APIClient()]
    for tab in tabs:
        tab.cookies[COOKIE] = browser.cookies[COOKIE].value

    answers = at_the_same_time([lambda t=t: t.post(REFRESH) for t in tabs], wait_until_blocked)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert all(answer.json()["access"] for answer in answers)
    (successor,) = [a.cookies[COOKIE].value for a in answers if COOKIE in a.cookies]
    assert exchange(successor).status_code == 200


# --- the browser's cookie ---------------------------------------------------------------------


def test_a_browser_gets_its_refresh_token_in_a_closed_cookie(alice, nobody, password, settings):
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
    }
    cookie = response.cookies[COOKIE]
    assert cookie["httponly"] is True
    assert (cookie["samesite"], cookie["path"]) == ("Strict", "/api/auth/")
    assert cookie["max-age"] == settings.REFRESH_IDLE.total_seconds()
    assert cookie.value not in response.content.decode()
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("scheme", "secure"), [("http", ""), ("https", True)])
def test_the_cookie_is_secure_over_tls(alice, nobody, password, scheme, secure):
    response = log_in_as_browser(nobody, alice, password, HTTP_X_FORWARDED_PROTO=scheme)

    assert response.cookies[COOKIE]["secure"] == secure


def test_a_browser_stays_logged_in_by_its_cookie(alice, nobody, password):
    first = log_in_as_browser(nobody, alice, password).cookies[COOKIE].value

    response = nobody.post(REFRESH)

    assert response.status_code == 200
    assert set(response.json()) == {"access", "user"}
    assert response.cookies[COOKIE].value != first


def test_a_reused_cookie_ends_its_family(alice, nobody, password):
    stolen = log_in_as_browser(nobody, alice, password).cookies[COOKIE].value
    nobody.post(REFRESH)
    thief = APIClient()
    thief.cookies[COOKIE] = stolen

    assert thief.post(REFRESH).status_code == 401
    assert nobody.post(REFRESH).status_code == 401


def test_without_a_cookie_there_is_no_session(nobody, db):
    response = nobody.post(REFRESH)

    # Not 401: a browser would write an error into the console of every first visit.
    assert (response.status_code, response.content) == (204, b"")


def test_a_worthless_cookie_is_refused(nobody, db):
    nobody.cookies[COOKIE] = "nonsense"

    response = nobody.post(REFRESH)

    assert (response.status_code, response.json()["code"]) == (401, "session_ended")


def test_a_logout_ends_all_sessions_and_clears_the_cookie(alice, bob, nobody, password, log_in):
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


def test_the_other_services_are_told_of_a_logout(alice, nobody, password, events):
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


def test_an_administrator_ends_somebodys_sessions(alice, bob, admin, acting_as, log_in):
    refresh = log_in(alice)["refresh"]
    url = f"/api/users/{alice.id}/sessions/"

    assert acting_as(bob).delete(url).status_code == 403
    assert exchange(refresh).status_code == 200
    assert acting_as(admin).delete(url).status_code == 204

    assert exchange(refresh).status_code == 401


def test_a_logout_without_session_is_no_error(nobody, db):
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


def test_our_own_pages_and_programs_may_use_the_cookie(alice, nobody, password, settings):
    origin = settings.PUBLIC_ORIGINS[0]

    assert log_in_as_browser(nobody, alice, password, HTTP_ORIGIN=origin).status_code == 200
    assert nobody.post(REFRESH, HTTP_ORIGIN=origin).status_code == 200
    assert nobody.post(REFRESH).status_code == 200
    assert nobody.post(LOGOUT, HTTP_ORIGIN=origin).status_code == 204
