"""Staying logged in: refresh tokens of programs, each good once."""

from __future__ import annotations

import base64
import logging
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from authentication.models import RefreshFamily
from authentication.services import user_delete, user_update
from tests.sessions import COOKIE, REFRESH, exchange, log_in_as_browser


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
