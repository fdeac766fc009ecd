"""Refresh tokens are valid once; a repetition in the grace period gets the same successor."""

from __future__ import annotations

import base64
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Thread

import httpx
import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from authentication.accounts.services import user_delete, user_end_sessions, user_update
from authentication.models import RefreshFamily, SecurityEvent

from ..sign_in import (
    COOKIE,
    LOGOUT,
    REFRESH,
    TOKEN_REFRESH,
    exchange,
    log_in_as_browser,
    outlast_the_grace,
)

ME = "/api/auth/me/"


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
    outlast_the_grace()

    with caplog.at_level(logging.WARNING):
        reused = exchange(first)

    assert (reused.status_code, reused.json()["code"]) == (401, "session_ended")
    assert exchange(second).status_code == 401
    assert f"user={alice.id}" in caplog.text
    assert first not in caplog.text


def test_a_reuse_ends_access_tokens_and_other_sessions_of_the_user_too(alice, bob, log_in, events):
    stolen, elsewhere, others = log_in(alice), log_in(alice), log_in(bob)
    access = exchange(stolen["refresh"]).json()["access"]
    outlast_the_grace()

    exchange(stolen["refresh"])

    for token in (access, elsewhere["access"]):
        assert APIClient(HTTP_AUTHORIZATION=f"Bearer {token}").get(ME).status_code == 401
    assert exchange(elsewhere["refresh"]).status_code == 401
    assert exchange(others["refresh"]).status_code == 200
    # The version of the user's tokens ends them in the other services.
    event_type, _, data = events(alice)[-1]
    assert (event_type, data["token_version"]) == ("user_updated", 2)


def test_a_reuse_of_ended_sessions_ends_no_newer_ones(alice, log_in):
    old = log_in(alice)["refresh"]
    exchange(old)
    outlast_the_grace()
    exchange(old)
    new = log_in(alice)["refresh"]

    assert exchange(old).status_code == 401

    assert exchange(new).status_code == 200


def test_a_repeated_refresh_gets_the_same_answer_within_the_grace(alice, log_in):
    first = log_in(alice)["refresh"]
    lost = exchange(first).json()

    again = exchange(first)

    assert again.status_code == 200
    assert again.json()["refresh"] == lost["refresh"]
    assert exchange(lost["refresh"]).status_code == 200
    assert not SecurityEvent.objects.filter(kind="session_revoked").exists()


def test_a_repeated_cookie_gets_the_same_successor_within_the_grace(alice, nobody, password):
    old = log_in_as_browser(nobody, alice, password).cookies[COOKIE].value
    lost = nobody.post(REFRESH).cookies[COOKIE].value
    nobody.cookies[COOKIE] = old

    again = nobody.post(REFRESH)

    assert again.status_code == 200
    assert again.cookies[COOKIE].value == lost
    assert again.json()["user"]["username"] == "alice"


def test_a_token_whose_successor_was_used_ends_the_family_within_the_grace(alice, log_in):
    first = log_in(alice)["refresh"]
    second = exchange(first).json()["refresh"]
    third = exchange(second).json()["refresh"]

    assert exchange(first).status_code == 401

    assert exchange(third).status_code == 401


def test_a_thief_within_the_grace_gets_the_successor_of_the_owner(alice, log_in):
    stolen = log_in(alice)["refresh"]
    owners = exchange(stolen).json()["refresh"]
    thiefs = exchange(stolen).json()["refresh"]
    assert thiefs == owners

    # The second use after the grace proves that two parties have the token.
    owners_next = exchange(owners).json()["refresh"]
    outlast_the_grace()

    assert exchange(thiefs).status_code == 401
    assert exchange(owners_next).status_code == 401


@pytest.mark.parametrize(
    "end",
    [
        lambda user, token: APIClient().post(LOGOUT, {"refresh": token}, format="json"),
        lambda user, token: user_update(user_id=user.id, changes={"is_active": False}),
        lambda user, token: user_update(user_id=user.id, changes={"password": "a long new secret"}),
        lambda user, token: user_update(user_id=user.id, changes={"role": "admin"}),
        lambda user, token: user_end_sessions(user_id=user.id, reason="administrator"),
        lambda user, token: user_delete(user_id=user.id),
    ],
    ids=["logout", "disabled", "password", "role", "administrator", "deleted"],
)
def test_there_is_no_grace_after_the_sessions_were_ended(alice, log_in, end):
    first = log_in(alice)["refresh"]
    second = exchange(first).json()["refresh"]

    end(alice, second)

    assert exchange(first).status_code == 401
    assert exchange(second).status_code == 401


def test_the_grace_is_counted_from_the_first_exchange(alice, log_in):
    first = log_in(alice)["refresh"]
    exchange(first)
    rotated_at = RefreshFamily.objects.get().rotated_at

    exchange(first)

    assert RefreshFamily.objects.get().rotated_at == rotated_at


def test_the_successor_depends_on_the_salt_of_the_exchange(alice, log_in):
    """A chain of tokens cannot be computed in advance: each exchange has a salt of its own."""
    first = log_in(alice)["refresh"]
    before = RefreshFamily.objects.values().get()
    successor = exchange(first).json()["refresh"]
    RefreshFamily.objects.update(**before)

    assert exchange(first).json()["refresh"] != successor


def test_an_older_ancestor_ends_the_family_too(alice, log_in):
    tokens = [log_in(alice)["refresh"]]
    for _ in range(3):
        tokens.append(exchange(tokens[-1]).json()["refresh"])

    assert exchange(tokens[0]).status_code == 401
    assert exchange(tokens[-1]).status_code == 401


@pytest.mark.parametrize("refresh", ["", "x", "é", "\x00", "A" * 64, "A" * 10_000])
def test_a_malformed_refresh_token_is_rejected(db, refresh):
    assert exchange(refresh).status_code in (400, 401)


def test_an_access_token_is_rejected_as_refresh_token(alice, log_in):
    assert exchange(log_in(alice)["access"]).status_code == 401


def test_the_database_holds_no_usable_refresh_token(alice, log_in):
    first = log_in(alice)["refresh"]
    second = exchange(first).json()["refresh"]

    (family,) = RefreshFamily.objects.values()

    for refresh in (first, second):
        assert base64.urlsafe_b64decode(refresh)[16:].hex() not in str(family)
        assert refresh not in str(family)


def test_the_refresh_of_a_deleted_user_is_rejected(alice, log_in):
    refresh = log_in(alice)["refresh"]
    user_delete(user_id=alice.id)

    assert exchange(refresh).status_code == 401


def test_the_refresh_of_a_user_enabled_again_stays_rejected(alice, log_in):
    refresh = log_in(alice)["refresh"]
    user_update(user_id=alice.id, changes={"is_active": False})
    assert exchange(refresh).status_code == 401
    user_update(user_id=alice.id, changes={"is_active": True})

    assert exchange(refresh).status_code == 401


def test_an_unused_session_ends_after_its_idle_time(alice, log_in):
    refresh = log_in(alice)["refresh"]
    RefreshFamily.objects.update(expires_at=timezone.now())

    assert exchange(refresh).status_code == 401


def test_a_used_session_lasts_until_its_absolute_end(alice, log_in, settings):
    refresh = log_in(alice)["refresh"]
    begun = timezone.now() - settings.REFRESH_ABSOLUTE + timedelta(hours=1)
    RefreshFamily.objects.update(created_at=begun)

    assert exchange(refresh).status_code == 200

    assert RefreshFamily.objects.get().expires_at == begun + settings.REFRESH_ABSOLUTE


def test_a_login_deletes_the_expired_sessions_of_the_user(alice, bob, log_in):
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

    answers = at_the_same_time([lambda: exchange(refresh)] * 6, wait_until_blocked)

    assert [answer.status_code for answer in answers] == [200] * 6
    (successor,) = {answer.json()["refresh"] for answer in answers}
    assert RefreshFamily.objects.get().revoked_at is None
    assert exchange(successor).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_tabs_that_refresh_together_all_stay_signed_in(alice, password, wait_until_blocked):
    browser = APIClient()
    log_in_as_browser(browser, alice, password)
    tabs = [APIClient() for _ in range(6)]
    for tab in tabs:
        tab.cookies[COOKIE] = browser.cookies[COOKIE].value

    answers = at_the_same_time([lambda t=t: t.post(REFRESH) for t in tabs], wait_until_blocked)

    assert [answer.status_code for answer in answers] == [200] * 6
    assert all(answer.json()["access"] for answer in answers)
    (successor,) = {answer.cookies[COOKIE].value for answer in answers}
    assert exchange(successor).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("apart_ms", [0, 5, 20, 200])
@pytest.mark.parametrize("count", [2, 6])
def test_refreshes_a_moment_apart_over_http_get_one_successor(
    alice, log_in, live_server, count, apart_ms
):
    refresh = log_in(alice)["refresh"]

    def ask(number: int) -> httpx.Response:
        # The gap is what is being tested: nothing is waited for.
        time.sleep(number * apart_ms / 1_000)
        return httpx.post(f"{live_server.url}{TOKEN_REFRESH}", json={"refresh": refresh})

    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(ask, range(count)))

    assert [answer.status_code for answer in answers] == [200] * count
    (successor,) = {answer.json()["refresh"] for answer in answers}
    assert exchange(successor).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_reuses_at_the_same_time_end_the_sessions_once(alice, log_in, wait_until_blocked):
    refresh = log_in(alice)["refresh"]
    exchange(refresh)
    outlast_the_grace()

    answers = at_the_same_time([lambda: exchange(refresh)] * 3, wait_until_blocked)

    assert [answer.status_code for answer in answers] == [401] * 3
    alice.refresh_from_db()
    assert alice.token_version == 2
    assert SecurityEvent.objects.filter(kind="session_revoked").count() == 1
