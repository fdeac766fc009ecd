"""Django's admin: the access token of an administrator opens it, and no other."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from django.test import Client

from authentication.accounts.services import (
    user_create,
    user_delete,
    user_end_sessions,
    user_update,
)
from authentication.models import SecurityEvent, User
from authentication.tokens.signing import access_token_for

ADMIN = "/admin/auth/"
SESSION, LOGIN, LOGOUT = f"{ADMIN}session/", f"{ADMIN}login/", f"{ADMIN}logout/"
USERS, EVENTS = f"{ADMIN}authentication/user/", f"{ADMIN}authentication/securityevent/"


def enter(user: User, **options) -> Client:
    client = Client(**options)
    headers = {"Authorization": f"Bearer {access_token_for(user)}"}
    client.status = client.post(SESSION, headers=headers).status_code
    return client


@pytest.fixture
def inside(admin) -> Client:
    """The administrator's browser, in the admin."""
    client = enter(admin)
    assert client.status == 204
    return client


def sent_to_sign_in(answer) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(LOGIN)


def pages() -> list[str]:
    from django.contrib import admin as site
    from django.urls import reverse

    models = [model._meta for model in site.site._registry]
    lists = [reverse(f"admin:{m.app_label}_{m.model_name}_changelist") for m in models]
    return [ADMIN, *lists]


def test_an_administrators_token_opens_every_page(inside, alice):
    for page in pages():
        answer = inside.get(page)
        assert answer.status_code == 200, page
    assert "alice" in inside.get(USERS).content.decode()


def test_the_admin_rejects_a_browser_without_a_session(db):
    for page in pages():
        assert sent_to_sign_in(Client().get(page)), page


def test_the_admin_rejects_a_client_on_every_page(alice):
    client = enter(alice)

    assert client.status == 403
    assert not client.cookies
    for page in pages():
        assert sent_to_sign_in(client.get(page)), page


@pytest.mark.parametrize(
    "change",
    [
        lambda user: user_update(user_id=user.id, changes={"role": "client"}),
        lambda user: user_update(user_id=user.id, changes={"is_active": False}),
        lambda user: user_end_sessions(user_id=user.id, reason="logout"),
        lambda user: user_delete(user_id=user.id),
    ],
    ids=["demoted", "disabled", "logged out", "deleted"],
)
def test_an_administrator_who_loses_access_is_rejected_at_the_next_request(inside, admin, change):
    user_create(username="second", password="correct horse battery", role="admin")
    assert inside.get(ADMIN).status_code == 200

    change(admin)

    assert sent_to_sign_in(inside.get(ADMIN))


def test_a_forged_or_foreign_cookie_opens_no_page(inside, admin):
    for value in ("", "x", inside.cookies["ems_admin"].value[:-1] + "x", access_token_for(admin)):
        stranger = Client()
        stranger.cookies["ems_admin"] = value
        assert sent_to_sign_in(stranger.get(ADMIN))


def test_an_expired_cookie_opens_no_page(inside, monkeypatch):
    monkeypatch.setattr("service_kit.adminsite.session.LIFETIME_SECONDS", -1)

    assert sent_to_sign_in(inside.get(ADMIN))


def test_the_cookie_is_http_only_and_limited_to_the_admin(inside):
    cookie = inside.cookies["ems_admin"]

    assert cookie["httponly"] is True
    assert (cookie["samesite"], cookie["path"]) == ("Strict", ADMIN)


@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({"Authorization": "Bearer x"}, 401)])
def test_a_session_is_not_opened_without_a_valid_token(db, headers, status):
    assert Client().post(SESSION, headers=headers).status_code == status
    assert Client().get(SESSION).status_code == 405


def test_the_cookie_opens_nothing_of_the_api(inside):
    assert inside.get("/api/users/").status_code == 401


def test_a_form_of_another_site_changes_nothing(admin, alice):
    client = enter(admin, enforce_csrf_checks=True)

    answer = client.post(f"{USERS}{alice.id}/delete/", {"post": "yes"})

    assert answer.status_code == 403
    assert User.objects.filter(id=alice.id, deleted=False).exists()


def test_the_sign_in_page_has_no_inline_script_and_its_files_exist(db):
    page = Client().get(f"{LOGIN}?next={USERS}").content.decode()

    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert f'data-wanted="{USERS}"' in page
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        with closing(Client().get(address)) as file:
            assert file.status_code == 200, address


def test_the_pages_have_the_platforms_name_and_their_lists_the_right_plurals(inside):
    from django.contrib import admin as site

    for answer in (Client().get(LOGIN), *map(inside.get, pages())):
        page = answer.content.decode()
        assert "Django" not in page
        assert "Energy · Accounts" in page
    assert {str(model._meta.verbose_name_plural) for model in site.site._registry} == {
        *("users", "sessions", "security events", "outbox events")
    }


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/api/users/"])
def test_the_sign_in_page_redirects_to_no_other_site(db, inside, target):
    assert f'data-wanted="{ADMIN}"' in Client().get(LOGIN, {"next": target}).content.decode()
    assert inside.get(LOGIN, {"next": target})["Location"] == ADMIN


def test_the_admin_does_not_sign_in_by_itself_after_a_logout(inside):
    answer = inside.post(LOGOUT)

    assert answer["Location"] == f"{LOGIN}?left=1"
    assert sent_to_sign_in(inside.get(ADMIN))
    assert 'data-silent="no"' in inside.get(answer["Location"]).content.decode()


# --- accounts are written by the services ---------------------------------------------------------


def form(**values) -> dict:
    empty = dict.fromkeys(("email", "first_name", "last_name", "phone", "password"), "")
    return {"username": "carol", "role": "client", **empty, **values}


def test_the_admin_creates_changes_and_deletes_an_account_through_the_services(inside, events):
    inside.post(f"{USERS}add/", form(password="correct horse battery"))
    carol = User.objects.get(username="carol")
    url = f"{USERS}{carol.id}/"

    inside.post(f"{url}change/", form(role="admin", phone="+40 1", is_active="on"))
    inside.post(f"{url}delete/", {"post": "yes"})

    published = [event for event, _, _ in events(carol)]
    assert published == ["user_created", "user_updated", "user_deleted"]
    recorded = SecurityEvent.objects.filter(subject_id=carol.id)
    assert set(recorded.values_list("actor_name", flat=True)) == {"admin"}
    assert User.objects.get(id=carol.id).deleted


def test_a_change_without_a_password_leaves_the_password(inside, alice, password):
    inside.post(f"{USERS}{alice.id}/change/", form(username="alice", is_active="on"))

    alice.refresh_from_db()
    assert alice.check_password(password)


@pytest.mark.parametrize("text", ["", "short"])
def test_the_admin_rejects_a_weak_password_with_the_reason(inside, text):
    answer = inside.post(f"{USERS}add/", form(password=text), follow=True)

    assert "password" in answer.content.decode().lower()
    assert "errornote" in answer.content.decode() or "messagelist" in answer.content.decode()
    assert not User.objects.filter(username="carol").exists()


def test_the_last_administrator_cannot_be_removed_here_either(inside, admin):
    url = f"{USERS}{admin.id}/"

    for path, data in (
        (f"{url}delete/", {"post": "yes"}),
        (f"{url}change/", form(username="admin")),
    ):
        answer = inside.post(path, data, follow=True)
        assert "last active administrator" in answer.content.decode()

    admin.refresh_from_db()
    assert (admin.role, admin.deleted) == ("admin", False)


def test_the_security_log_is_read_only(inside, alice):
    entry = SecurityEvent.objects.first()
    url = f"{EVENTS}{entry.pk}/"

    assert inside.get(f"{EVENTS}?q=alice&kind__exact=user_created").status_code == 200
    assert inside.get(f"{url}change/").status_code == 200
    assert inside.post(f"{url}change/", {"kind": "login"}).status_code == 403
    assert inside.post(f"{url}delete/", {"post": "yes"}).status_code == 403
    assert inside.get(f"{EVENTS}add/").status_code == 403


def test_the_admin_shows_no_password_hash(inside, alice, log_in):
    log_in(alice)
    families = f"{ADMIN}authentication/refreshfamily/"
    user = inside.get(f"{USERS}{alice.id}/change/").content.decode()

    assert alice.password not in user
    assert "token_hash" not in inside.get(families).content.decode()


def test_a_name_with_markup_is_escaped(inside):
    user_create(username="mallory", password="correct horse battery", first_name="<img onerror=x>")

    page = inside.get(USERS).content.decode()

    assert "<img onerror" not in page
    assert "&lt;img onerror=x&gt;" in page
