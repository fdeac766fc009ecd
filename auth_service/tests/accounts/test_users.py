"""The administration of accounts, by administrators alone."""

from __future__ import annotations

from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection, transaction

from authentication.accounts.services import LastAdmin, user_create, user_delete, user_update
from authentication.models import User

USERS = "/api/users/"


def url_of(user) -> str:
    return f"{USERS}{user.id}/"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_client_cannot_list_accounts(acting_as, alice, method):
    response = getattr(acting_as(alice), method)(USERS, {}, format="json")

    assert response.status_code == 403


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
@pytest.mark.parametrize("whose", ["alice", "bob"])
def test_a_client_cannot_reach_any_account_by_its_id(request, acting_as, alice, bob, method, whose):
    url = url_of(request.getfixturevalue(whose))

    response = getattr(acting_as(alice), method)(url, {"role": "admin"}, format="json")

    assert response.status_code == 403
    assert not User.objects.filter(role="admin").exists()


def test_a_request_without_a_token_is_rejected(nobody, alice):
    assert nobody.get(USERS).status_code == 401
    assert nobody.delete(url_of(alice)).status_code == 401


def test_accounts_come_in_pages_by_name(acting_as, admin, alice, bob):
    first = acting_as(admin).get(USERS, {"page_size": 2}).json()
    second = acting_as(admin).get(USERS, {"page_size": 2, "page": 2}).json()

    assert (first["count"], first["previous"], second["next"]) == (3, None, None)
    names = [user["username"] for user in first["results"] + second["results"]]
    assert names == ["admin", "alice", "bob"]


def test_no_page_is_larger_than_200(acting_as, admin):
    User.objects.bulk_create(User(username=f"user{number}") for number in range(205))

    response = acting_as(admin).get(USERS, {"page_size": 1_000_000_000})

    assert len(response.json()["results"]) == 200


def test_an_account_is_answered_without_secrets(acting_as, admin, alice):
    answer = acting_as(admin).get(url_of(alice)).json()

    assert set(answer) == {
        *("id", "username", "email", "first_name", "last_name", "phone", "role", "is_active"),
        *("created_at", "last_login"),
    }
    assert answer["created_at"].endswith("Z")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"search": "ALICE@ex"}, ["alice"]),
        ({"role": "client"}, ["alice", "bob"]),
        ({"is_active": "false"}, ["bob"]),
        ({"ordering": "-username"}, ["bob", "alice", "admin"]),
        ({"role": "client", "is_active": "true"}, ["alice"]),
    ],
    ids=["search", "role", "inactive", "ordering", "both"],
)
def test_accounts_are_searched_filtered_and_ordered(acting_as, admin, alice, bob, query, expected):
    user_update(user_id=bob.id, changes={"is_active": False})

    response = acting_as(admin).get(USERS, query)

    assert [user["username"] for user in response.json()["results"]] == expected


@pytest.mark.parametrize("name", ["password", "username,role", "owner__password", "pk"])
def test_an_order_that_is_not_offered_is_an_error_that_names_it(acting_as, admin, name):
    answer = acting_as(admin).get(USERS, {"ordering": name})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["ordering"]


def test_an_unknown_role_in_the_filter_is_an_error(acting_as, admin):
    assert acting_as(admin).get(USERS, {"role": "king"}).status_code == 400


@pytest.mark.parametrize("role", ["admin", "client"])
def test_an_administrator_creates_accounts_of_any_role(acting_as, admin, nobody, role):
    wish = {"username": "carol", "password": "a long new secret", "role": role, "phone": "12345"}

    response = acting_as(admin).post(USERS, wish, format="json")

    assert response.status_code == 201
    assert (response.json()["role"], response.json()["phone"]) == (role, "12345")
    assert "password" not in response.json()
    credentials = {"username": "carol", "password": "a long new secret"}
    assert nobody.post("/api/auth/token/", credentials, format="json").status_code == 200


def test_a_role_that_does_not_exist_is_rejected(acting_as, admin):
    wish = {"username": "carol", "password": "a long new secret", "role": "king"}

    response = acting_as(admin).post(USERS, wish, format="json")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["role"]


def test_an_administrator_renames_an_account(acting_as, admin, alice):
    response = acting_as(admin).patch(url_of(alice), {"username": "Alicia"}, format="json")

    assert (response.status_code, response.json()["username"]) == (200, "Alicia")


def test_a_rename_to_a_taken_name_is_rejected(acting_as, admin, alice, bob):
    response = acting_as(admin).patch(url_of(alice), {"username": "Bob"}, format="json")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["username"]
    assert User.objects.get(id=alice.id).username == "alice"


def test_a_name_may_change_its_case(acting_as, admin, alice):
    response = acting_as(admin).patch(url_of(alice), {"username": "Alice"}, format="json")

    assert response.json()["username"] == "Alice"


@pytest.mark.parametrize(
    "change",
    [{"role": "admin"}, {"is_active": False}, {"password": "another long secret"}],
    ids=["role", "disabled", "password"],
)
def test_role_disabling_and_password_end_the_sessions(
    acting_as, admin, alice, log_in, nobody, change
):
    before, session = acting_as(alice), log_in(alice)

    assert acting_as(admin).patch(url_of(alice), change, format="json").status_code == 200

    assert before.get("/api/auth/me/").status_code == 401
    refresh = {"refresh": session["refresh"]}
    assert nobody.post("/api/auth/token/refresh/", refresh, format="json").status_code == 401


def test_other_changes_keep_the_sessions(acting_as, admin, alice):
    before = acting_as(alice)

    acting_as(admin).patch(url_of(alice), {"username": "al", "phone": "12345"}, format="json")

    assert before.get("/api/auth/me/").status_code == 200


def test_a_demoted_administrator_loses_access_at_once(acting_as, admin):
    second = user_create(username="second", password="a long new secret", role="admin")
    before = acting_as(second)

    user_update(user_id=second.id, changes={"role": "client"})

    assert before.get(USERS).status_code == 401
    assert acting_as(User.objects.get(id=second.id)).get(USERS).status_code == 403


def test_a_deleted_account_leaves_an_empty_tombstone(acting_as, admin, alice, nobody, password):
    before = acting_as(alice)

    assert acting_as(admin).delete(url_of(alice)).status_code == 204

    tombstone = User.objects.get(id=alice.id)
    assert (tombstone.deleted, tombstone.version, tombstone.username) == (True, 2, "")
    assert (tombstone.email, tombstone.has_usable_password()) == ("", False)
    assert before.get("/api/auth/me/").status_code == 401
    assert acting_as(admin).get(url_of(alice)).status_code == 404
    assert acting_as(admin).get(USERS).json()["count"] == 1
    credentials = {"username": "alice", "password": password}
    assert nobody.post("/api/auth/token/", credentials, format="json").status_code == 401


def test_a_deleted_account_cannot_sign_in(acting_as, admin, alice, nobody):
    acting_as(admin).delete(url_of(alice))

    response = nobody.post("/api/auth/token/", {"username": "", "password": "x"}, format="json")

    assert response.status_code == 400


def test_the_name_of_a_deleted_account_is_free(acting_as, admin, alice, bob):
    acting_as(admin).delete(url_of(alice))
    acting_as(admin).delete(url_of(bob))
    wish = {"username": "Alice", "password": "a long new secret"}

    response = acting_as(admin).post(USERS, wish, format="json")

    assert response.status_code == 201
    assert response.json()["id"] != str(alice.id)


def test_a_deleted_or_unknown_account_answers_404(acting_as, admin, alice):
    user_delete(user_id=alice.id)
    client = acting_as(admin)

    for user_id in (alice.id, uuid4()):
        url = f"{USERS}{user_id}/"
        assert client.get(url).status_code == 404
        assert client.patch(url, {"phone": "12345"}, format="json").status_code == 404
        assert client.delete(url).status_code == 404


@pytest.mark.parametrize("change", [{"role": "client"}, {"is_active": False}, None])
def test_the_last_active_administrator_cannot_be_removed(acting_as, admin, change):
    disabled = user_create(username="second", password="a long new secret", role="admin")
    user_update(user_id=disabled.id, changes={"is_active": False})
    client = acting_as(admin)

    if change is None:
        response = client.delete(url_of(admin))
    else:
        response = client.patch(url_of(admin), change, format="json")

    assert (response.status_code, response.json()["code"]) == (409, "last_admin")
    assert User.objects.filter(id=admin.id, role="admin", is_active=True, version=1).exists()


def test_the_last_administrator_may_change_other_fields(acting_as, admin):
    change = {"role": "admin", "is_active": True, "first_name": "Ada"}

    response = acting_as(admin).patch(url_of(admin), change, format="json")

    assert response.status_code == 200
    assert User.objects.get(id=admin.id).token_version == 1


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_at_once_leave_one(admin, wait_until_blocked):
    second = user_create(username="second", password="a long new secret", role="admin")
    outcomes = []

    def demote(user_id):
        try:
            user_update(user_id=user_id, changes={"role": "client"})
            outcomes.append("demoted")
        except LastAdmin:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=demote, args=[user.id]) for user in (admin, second)]
    with transaction.atomic():
        list(User.objects.select_for_update().order_by("id"))
        for thread in threads:
            thread.start()
        wait_until_blocked(2)
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["demoted", "refused"]
    assert User.objects.filter(role="admin").count() == 1
