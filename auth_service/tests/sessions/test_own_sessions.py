"""A user's list of their own sessions, and the ways to end some of them."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from authentication.models import RefreshFamily, SecurityEvent, User

from ..sign_in import COOKIE, LOGOUT, REFRESH, TOKEN, exchange, log_in_as_browser

SESSIONS, ME, CHANGE = "/api/auth/sessions/", "/api/auth/me/", "/api/auth/password/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HERE = "198.51.100.7"


def bearer(access: str) -> APIClient:
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {access}")


def listed(access: str) -> list[dict]:
    answer = bearer(access).get(SESSIONS)
    assert answer.status_code == 200
    return answer.json()["results"]


def renewed(refresh: str) -> dict[str, str]:
    answer = exchange(refresh)
    assert answer.status_code == 200
    return answer.json()


def revocations() -> list[dict]:
    events = SecurityEvent.objects.filter(kind="session_revoked").order_by("id")
    return [event.details for event in events]


def test_a_user_reads_their_sessions_the_one_used_last_first(alice, bob, password, log_in):
    log_in(bob)
    credentials = {"username": "alice", "password": password}
    headers = {"HTTP_USER_AGENT": FIREFOX, "HTTP_X_FORWARDED_FOR": HERE}
    older = APIClient().post(TOKEN, credentials, format="json", **headers).json()
    newer = log_in(alice)

    first, second = listed(older["access"])

    assert (second["program"], second["system"], second["address"]) == ("Firefox", "Linux", HERE)
    assert (first["current"], second["current"]) == (False, True)
    assert first["last_used_at"] > second["last_used_at"] == second["created_at"]
    assert set(first) == {
        *("id", "created_at", "last_used_at", "expires_at", "program", "system", "address"),
        "current",
    }
    assert [row["current"] for row in listed(newer["access"])] == [True, False]


def test_a_refresh_brings_its_session_to_the_top_with_its_present_address(alice, log_in):
    first, second = log_in(alice), log_in(alice)
    body = {"refresh": first["refresh"]}
    client = APIClient(HTTP_X_FORWARDED_FOR=HERE)
    access = client.post("/api/auth/token/refresh/", body, format="json").json()["access"]

    top, below = listed(access)

    assert (top["current"], top["address"]) == (True, HERE)
    assert top["last_used_at"] > top["created_at"]
    assert listed(second["access"])[1]["id"] == below["id"]


def test_ended_and_expired_sessions_are_not_listed(alice, log_in):
    for _ in range(3):
        log_in(alice)
    access = log_in(alice)["access"]
    ids = [row["id"] for row in listed(access) if not row["current"]]
    now = timezone.now()
    RefreshFamily.objects.filter(id=ids[0]).update(revoked_at=now)
    RefreshFamily.objects.filter(id=ids[1]).update(expires_at=now - timedelta(seconds=1))
    RefreshFamily.objects.filter(id=ids[2]).update(token_version=0)

    assert [row["current"] for row in listed(access)] == [True]


def test_a_token_that_names_no_session_lists_all_of_them_as_others(alice, acting_as, log_in):
    log_in(alice)

    rows = acting_as(alice).get(SESSIONS).json()["results"]

    assert [row["current"] for row in rows] == [False]


def test_one_session_is_ended_and_the_others_go_on(alice, bob, log_in, events):
    here, phone, other = log_in(alice), log_in(alice), log_in(bob)
    (session,) = [row for row in listed(phone["access"]) if row["current"]]

    answer = bearer(here["access"]).delete(f"{SESSIONS}{session['id']}/")

    assert answer.status_code == 204
    assert bearer(phone["access"]).get(ME).status_code == 401
    assert exchange(phone["refresh"]).status_code == 401
    # Its own access token ends too: the version is one number. The refresh yields the next one.
    assert bearer(here["access"]).get(ME).status_code == 401
    assert [row["current"] for row in listed(renewed(here["refresh"])["access"])] == [True]
    assert bearer(other["access"]).get(ME).status_code == 200
    assert events(alice)[-1][2]["token_version"] == 2


def test_the_end_of_a_session_is_logged_with_its_program(alice, log_in, password):
    credentials = {"username": "alice", "password": password}
    phone = APIClient().post(TOKEN, credentials, format="json", HTTP_USER_AGENT=FIREFOX).json()
    here = log_in(alice)
    (session,) = [row for row in listed(phone["access"]) if row["current"]]

    bearer(here["access"]).delete(f"{SESSIONS}{session['id']}/")

    assert revocations() == [{"reason": "user", "device": "Firefox, Linux", "kept": 1}]
    event = SecurityEvent.objects.get(kind="session_revoked")
    assert (event.actor_id, event.subject_id) == (alice.id, alice.id)


def test_all_other_sessions_are_ended_and_this_one_goes_on(alice, log_in):
    here, *others = (log_in(alice) for _ in range(3))

    assert bearer(here["access"]).delete(SESSIONS).status_code == 204

    for other in others:
        assert bearer(other["access"]).get(ME).status_code == 401
        assert exchange(other["refresh"]).status_code == 401
    assert [row["current"] for row in listed(renewed(here["refresh"])["access"])] == [True]
    assert revocations() == [{"reason": "user", "kept": 1}]


def test_a_token_that_names_no_session_ends_all_of_them(alice, acting_as, log_in):
    refresh = log_in(alice)["refresh"]

    assert acting_as(alice).delete(SESSIONS).status_code == 204

    assert exchange(refresh).status_code == 401


def test_a_kept_session_of_former_versions_does_not_come_back(alice, log_in):
    ended = log_in(alice)
    bearer(ended["access"]).delete(f"{SESSIONS}{listed(ended['access'])[0]['id']}/")
    here = log_in(alice)

    bearer(here["access"]).delete(SESSIONS)

    assert exchange(ended["refresh"]).status_code == 401


@pytest.mark.parametrize("whose", ["another's", "nobody's", "an ended one"])
def test_only_ones_own_running_sessions_can_be_ended(whose, alice, bob, log_in, acting_as):
    theirs = log_in(bob if whose == "another's" else alice)
    session_id = {
        "another's": lambda: listed(theirs["access"])[0]["id"],
        "nobody's": uuid4,
        "an ended one": lambda: RefreshFamily.objects.get().id,
    }[whose]()
    if whose == "an ended one":
        RefreshFamily.objects.update(revoked_at=timezone.now())

    answer = acting_as(alice).delete(f"{SESSIONS}{session_id}/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert revocations() == []
    assert bearer(theirs["access"]).get(ME).status_code == 200


def test_a_logout_of_this_session_leaves_the_others(alice, nobody, password, log_in):
    cookie = log_in_as_browser(nobody, alice, password).cookies[COOKIE].value
    elsewhere = log_in(alice)

    answer = nobody.post(LOGOUT, {"everywhere": False}, format="json")

    assert answer.status_code == 204
    assert answer.cookies[COOKIE].value == ""
    assert exchange(cookie).status_code == 401
    assert exchange(elsewhere["refresh"]).status_code == 200
    assert revocations() == [{"reason": "logout", "kept": 1}]


def test_a_new_password_keeps_this_session_if_that_is_asked_for(alice, password, log_in):
    here, elsewhere = log_in(alice), log_in(alice)
    wish = {"current_password": password, "new_password": "another long secret"}

    answer = bearer(here["access"]).post(CHANGE, {**wish, "keep_session": True}, format="json")

    assert answer.status_code == 204
    assert exchange(elsewhere["refresh"]).status_code == 401
    assert bearer(elsewhere["access"]).get(ME).status_code == 401
    assert bearer(renewed(here["refresh"])["access"]).get(ME).status_code == 200
    assert User.objects.get(id=alice.id).check_password("another long secret")


def test_a_browser_of_a_kept_session_is_still_logged_in(alice, nobody, password):
    access = log_in_as_browser(nobody, alice, password).json()["access"]

    bearer(access).delete(SESSIONS)

    assert nobody.post(REFRESH).status_code == 200


def test_an_odd_user_agent_is_stored_cut_and_without_nul(alice, password):
    credentials = {"username": "alice", "password": password}
    odd = "Mozilla/5.0 \0<script>\xe9" + "x" * 5_000

    answer = APIClient().post(TOKEN, credentials, format="json", HTTP_USER_AGENT=odd)

    (row,) = listed(answer.json()["access"])
    assert (row["program"], row["system"]) == ("", "")


def test_a_login_without_a_user_agent_has_an_unknown_program(alice, password):
    credentials = {"username": "alice", "password": password}

    answer = APIClient().post(TOKEN, credentials, format="json")

    (row,) = listed(answer.json()["access"])
    assert (row["program"], row["system"]) == ("", "")
