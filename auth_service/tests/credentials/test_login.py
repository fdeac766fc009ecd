"""Sign-in: accounts that may sign in, and the answers to failures."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from rest_framework.test import APIClient

from authentication.accounts.services import user_delete, user_update
from authentication.models import User

from ..sign_in import LOGIN, TOKEN, log_in_as_browser


def test_a_user_signs_in_with_the_name_in_any_case_of_letters(alice, nobody, password):
    response = nobody.post(TOKEN, {"username": "Alice", "password": password}, format="json")

    assert response.status_code == 200


@pytest.mark.parametrize("url", [TOKEN, LOGIN])
def test_unknown_name_wrong_password_disabled_and_deleted_account_get_the_same_answer(
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
def test_every_rejected_login_computes_one_hash(alice, bob, nobody, counting_hasher, name):
    user_update(user_id=bob.id, changes={"is_active": False})

    response = nobody.post(TOKEN, {"username": name, "password": "not it"}, format="json")

    assert response.status_code == 401
    assert counting_hasher.count == 1

    # With an accent that the keyboard sends by itself the older form is tried as well.
    nobody.post(TOKEN, {"username": name, "password": "not A\u0308 either"}, format="json")
    assert counting_hasher.count == 3


def test_a_login_ignores_a_stale_bearer_token(alice, password):
    client = APIClient(HTTP_AUTHORIZATION="Bearer long.gone.token")

    assert log_in_as_browser(client, alice, password).status_code == 200


@pytest.mark.parametrize("body", [{}, {"username": "alice"}, [], "text", {"username": {}}])
def test_a_login_without_name_or_password_is_an_error_of_the_request(nobody, db, body):
    assert nobody.post(TOKEN, body, format="json").status_code == 400
