"""The tests of Django's admin in the services that hold copies of the users."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import pytest
from django.contrib.admin import site
from django.test import Client
from django.urls import reverse

from service_kit.testing import TokenHolder, TokenIssuer


def plural_of(model: Any) -> str:
    """Return the name of a model's list."""
    return str(model._meta.verbose_name_plural)


class AdminContract:
    """The contract of the Django admin in a service that has copies of users.

    A service's tests subclass it, with fixtures `issuer`, `admin` (an administrator's copy) and
    `alice` (a client's).
    """

    @staticmethod
    def pages() -> list[str]:
        """Return the first page and the list of each model."""
        models = [model._meta for model in site._registry]
        lists = [reverse(f"admin:{m.app_label}_{m.model_name}_changelist") for m in models]
        return [reverse("admin:index"), *lists]

    @staticmethod
    def enter(issuer: TokenIssuer, user: TokenHolder) -> tuple[Client, int]:
        """Return a browser that tried to enter with a user's token, and the answer."""
        client = Client()
        headers = {"Authorization": issuer.authorization(user)}
        return client, client.post(f"{reverse('admin:index')}session/", headers=headers).status_code

    @staticmethod
    def is_rejected(answer: Any) -> bool:
        """Return whether the answer redirects to the page to sign in."""
        return bool(
            answer.status_code == 302 and answer["Location"].startswith(reverse("admin:login"))
        )

    def test_an_administrators_token_opens_every_page(
        self, issuer: TokenIssuer, admin: Any
    ) -> None:
        """Enter as an administrator and open each page."""
        inside, status = self.enter(issuer, admin)

        assert status == 204
        for page in self.pages():
            assert inside.get(page).status_code == 200, page
            assert inside.get(page, {"q": "a b"}).status_code == 200, page

    def test_a_client_and_an_anonymous_user_get_no_page(
        self, issuer: TokenIssuer, alice: Any
    ) -> None:
        """Open each page as a client who tried to enter, and without a user."""
        client, status = self.enter(issuer, alice)

        assert status == 403
        for page in self.pages():
            assert self.is_rejected(client.get(page)), page
            assert self.is_rejected(Client().get(page)), page

    @pytest.mark.parametrize(
        "change", [{"role": "client"}, {"is_active": False}, {"token_version": 99}]
    )
    def test_a_user_who_loses_the_permission_is_rejected_at_the_next_request(
        self, issuer: TokenIssuer, admin: Any, change: dict[str, Any]
    ) -> None:
        """Change the copy of an administrator who has entered."""
        inside, _ = self.enter(issuer, admin)

        type(admin).objects.filter(id=admin.id).update(**change)

        assert self.is_rejected(inside.get(reverse("admin:index")))

    def test_nothing_can_be_changed_here(self, issuer: TokenIssuer, admin: Any) -> None:
        """Try to add a row to each list, and to delete rows from it."""
        inside, _ = self.enter(issuer, admin)

        for page in self.pages()[1:]:
            assert inside.post(f"{page}add/", {}).status_code == 403, page
            assert inside.post(page, {"action": "delete_selected"}).status_code in (200, 302, 403)
            assert "delete_selected" not in inside.get(page).content.decode(), page

    def test_the_pages_have_the_platforms_name_and_style(
        self, issuer: TokenIssuer, admin: Any
    ) -> None:
        """Open each page, the one to log in, and their style sheet."""
        inside, _ = self.enter(issuer, admin)
        for answer in (Client().get(reverse("admin:login")), *map(inside.get, self.pages())):
            page = answer.content.decode()
            assert "Django" not in page
            assert "Energy · " in page
        (sheet,) = re.findall(r'href="([^"]+platform\.css)"', page)
        with closing(Client().get(sheet)) as file:
            assert file.status_code == 200

    def test_a_list_has_the_right_plural_for_its_name(self) -> None:
        """Look for the plural that Django makes of an entry and of a family."""
        assert not [m for m in site._registry if re.search("[^aeiou]ys$", plural_of(m))]

    def test_no_user_and_password_table_is_managed_here(self) -> None:
        """Look for Django's own users and groups."""
        assert not [m for m in site._registry if m._meta.app_label == "auth"]
