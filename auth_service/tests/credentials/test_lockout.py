"""The lockout slows down guesses of passwords, reveals nothing and locks no other user out."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from authentication.credentials.lockout import LOCK, MAX_FAILURES, SWEEP
from authentication.models import SecurityEvent, SignInAttempts

TOKEN, LOGIN = "/api/auth/token/", "/api/auth/login/"
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


def attempt(username: str, password: str, *, address: str = HERE, url: str = TOKEN, **headers):
    headers.setdefault("HTTP_X_FORWARDED_FOR", address)
    body = {"username": username, "password": password}
    return APIClient().post(url, body, format="json", **headers)


def guess(username: str, times: int = MAX_FAILURES, **where) -> list:
    return [attempt(username, f"wrong {n}", **where) for n in range(times)]


def plain(answer) -> tuple:
    return answer.status_code, {**answer.json(), "request_id": ""}, answer.get("WWW-Authenticate")


def test_after_five_wrong_passwords_the_right_one_is_rejected_too(alice, password):
    guess("alice")

    assert attempt("alice", password).status_code == 401


def test_the_right_password_resets_four_failures(alice, password):
    for _ in range(3):
        guess("alice", MAX_FAILURES - 1)
        assert attempt("alice", password).status_code == 200


def test_the_owner_signs_in_from_another_address_during_a_lockout(alice, password):
    guess("alice")

    assert attempt("alice", password, address=ELSEWHERE).status_code == 200


def test_another_user_signs_in_from_the_same_address_during_a_lockout(alice, bob, password):
    guess("alice")

    assert attempt("bob", password).status_code == 200


def test_the_lockout_holds_for_another_spelling_of_the_name(alice, password):
    guess("alice", 2), guess("ALICE", 2), guess("Alice", 1)

    assert attempt("alice", password).status_code == 401


def test_failures_of_browser_and_program_logins_count_together(alice, password):
    guess("alice", 3, url=TOKEN), guess("alice", 2, url=LOGIN)

    assert attempt("alice", password, url=LOGIN).status_code == 401


def test_the_lockout_holds_for_a_forged_forwarding_header(alice, password):
    for n in range(MAX_FAILURES):
        # The gateway's own entry comes last.
        attempt("alice", "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}, {HERE}")

    answer = attempt("alice", password, HTTP_X_FORWARDED_FOR=f"10.9.9.9, {HERE}")

    assert answer.status_code == 401


def test_the_lockout_holds_for_another_address_of_the_same_ipv6_network(alice, password):
    for n in range(MAX_FAILURES):
        attempt("alice", "wrong", address=f"2001:db8:1:2::{n}")

    assert attempt("alice", password, address="2001:db8:1:2::ffff").status_code == 401
    assert attempt("alice", password, address="2001:db8:1:3::1").status_code == 200


@pytest.mark.parametrize("url", [TOKEN, LOGIN])
def test_unknown_name_wrong_password_and_lockout_get_the_same_answer(alice, password, url):
    wrong = attempt("alice", "wrong", url=url)
    unknown = guess("nobody", url=url)
    guess("alice", url=url)

    locked = attempt("alice", password, url=url)
    unknown_locked = attempt("nobody", password, url=url)

    answers = {str(plain(answer)) for answer in [wrong, *unknown, locked, unknown_locked]}
    assert len(answers) == 1
    assert wrong.json()["code"] == "invalid_credentials"


def test_the_lockout_ends_after_its_time(alice, password):
    guess("alice")
    SignInAttempts.objects.update(locked_until=timezone.now())

    assert attempt("alice", "wrong").status_code == 401
    assert attempt("alice", password).status_code == 200


def test_guesses_during_a_lockout_do_not_prolong_it(alice):
    guess("alice")
    until = SignInAttempts.objects.get().locked_until

    guess("alice")

    assert SignInAttempts.objects.get().locked_until == until


def test_failures_before_the_lock_time_do_not_count(alice, password):
    guess("alice", MAX_FAILURES - 1)
    SignInAttempts.objects.update(last_tried_at=timezone.now() - LOCK - timedelta(seconds=1))

    guess("alice", 1)

    assert attempt("alice", password).status_code == 200


def test_a_failure_deletes_expired_counts(alice):
    long_ago = timezone.now() - 3 * LOCK
    SignInAttempts.objects.bulk_create(
        SignInAttempts(key=f"old-{n}", last_tried_at=long_ago) for n in range(SWEEP)
    )

    guess("alice", 1)

    assert SignInAttempts.objects.count() == 1


def test_the_count_is_stored_without_name_and_address(alice):
    guess("my password by mistake", 1)

    stored = str(SignInAttempts.objects.values().get()) + str(SecurityEvent.objects.values().last())

    assert "mistake" not in stored


def test_the_current_password_cannot_be_guessed_with_a_stolen_token(alice, acting_as, password):
    thief = acting_as(alice)
    thief.defaults["HTTP_X_FORWARDED_FOR"] = HERE
    for n in range(MAX_FAILURES):
        body = {"current_password": f"wrong {n}", "new_password": "quite another thing"}
        assert thief.post("/api/auth/password/", body, format="json").status_code == 400

    body = {"current_password": password, "new_password": "quite another thing"}
    assert thief.post("/api/auth/password/", body, format="json").status_code == 400


@pytest.mark.django_db(transaction=True)
def test_five_of_many_parallel_guesses_are_checked(alice, password):
    def send(text: str) -> None:
        try:
            attempt("alice", text)
        finally:
            connection.close()

    threads = [Thread(target=send, args=[f"wrong {n}"]) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert SecurityEvent.objects.filter(kind="login_failed").count() == MAX_FAILURES
    assert SecurityEvent.objects.filter(kind="locked").count() == 1
    assert attempt("alice", password).status_code == 401
