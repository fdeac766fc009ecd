"""Django's admin: opened by an administrator's token, checked against the copy of the users."""

from __future__ import annotations

import pytest
from django.contrib import admin as site
from django.test import Client
from django.urls import reverse

ADMIN = "/admin/monitoring/"


def pages() -> list[str]:
    models = [model._meta for model in site.site._registry]
    return [
        ADMIN,
        *(reverse(f"admin:{m.app_label}_{m.model_name}_changelist") for m in models),
    ]


def enter(issuer, user) -> Client:
    client = Client()
    headers = {"Authorization": issuer.authorization(user)}
    client.status = client.post(f"{ADMIN}session/", headers=headers).status_code
    return client


def turned_away(answer) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(f"{ADMIN}login/")


def test_an_administrators_token_opens_every_page(issuer, admin):
    inside = enter(issuer, admin)

    assert inside.status == 204
    for page in pages():
        assert inside.get(page).status_code == 200, page
        assert inside.get(page, {"q": "a b"}).status_code == 200, page


def test_a_client_and_nobody_get_in_nowhere(issuer, alice):
    client = enter(issuer, alice)

    assert client.status == 403
    for page in pages():
        assert turned_away(client.get(page)), page
        assert turned_away(Client().get(page)), page


@pytest.mark.parametrize(
    "change", [{"role": "client"}, {"is_active": False}, {"token_version": 99}]
)
def test_whoever_loses_the_right_is_out_at_the_next_request(issuer, admin, change):
    inside = enter(issuer, admin)

    type(admin).objects.filter(id=admin.id).update(**change)

    assert turned_away(inside.get(ADMIN))


def test_nothing_can_be_changed_here(issuer, admin):
    inside = enter(issuer, admin)

    for page in pages()[1:]:
        assert inside.post(f"{page}add/", {}).status_code == 403, page
        assert inside.post(page, {"action": "delete_selected"}).status_code in (200, 302, 403)
        assert "delete_selected" not in inside.get(page).content.decode(), page


def test_no_user_and_password_table_is_managed_here(issuer, admin):
    assert not [m for m in site.site._registry if m._meta.app_label == "auth"]
