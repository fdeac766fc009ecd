"""The policy: roles and their permissions."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest
from rest_framework.exceptions import PermissionDenied

from service_kit.access.permissions import (
    DENIED,
    ROLE_PERMISSIONS,
    Permission,
    check_permission,
    has_permission,
    roles_with,
)
from service_kit.identity.models import KnownUser


def user_of(role: str) -> KnownUser:
    return KnownUser(
        id=uuid4(), username="somebody", role=role, is_active=True, token_version=1, version=1
    )


@pytest.mark.parametrize("permission", Permission)
def test_an_administrator_has_every_permission(permission: Permission) -> None:
    assert has_permission(user_of("admin"), permission)
    check_permission(user_of("admin"), permission)


def test_a_client_may_acknowledge_alerts_and_has_no_other_permission() -> None:
    granted = {
        permission for permission in Permission if has_permission(user_of("client"), permission)
    }

    assert granted == {Permission.ACKNOWLEDGE_ALERTS}


@pytest.mark.parametrize("role", ["supervisor", "", "Client", "Admin", "admin "])
@pytest.mark.parametrize("permission", Permission)
def test_a_user_of_an_unknown_role_has_no_permission(role: str, permission: Permission) -> None:
    assert not has_permission(user_of(role), permission)
    with pytest.raises(PermissionDenied):
        check_permission(user_of(role), permission)


def test_the_text_of_a_rejection_names_no_role() -> None:
    assert [role for role in ROLE_PERMISSIONS if role in DENIED.lower()] == []


def test_the_roles_with_a_permission_are_those_that_grant_it() -> None:
    assert roles_with(Permission.MANAGE_USERS) == ["admin"]


#: A comparison of a role: with a text, with a member of `Role`, or with several of them.
ROLE_CHECK = re.compile(
    r"is_admin|IsAdmin|\brole\s*(?:[!=]=|\b(?:not )?in\b)\s*[(\[{]?\s*(?:[\"']|[\w.]*\bRole\.[A-Z])"
)


@pytest.mark.parametrize(
    "comparison",
    [
        'user.role == "admin"',
        "user.role != 'admin'",
        "user.role == Role.ADMIN",
        "user.role is not None and user.role != models.Role.CLIENT",
        "user.role in (Role.ADMIN, Role.CLIENT)",
        'user.role not in {"admin"}',
        "user.is_admin",
    ],
)
def test_the_search_for_compared_roles_matches_texts_and_members_of_role(comparison: str) -> None:
    assert ROLE_CHECK.search(comparison)


@pytest.mark.parametrize(
    "harmless", ["role=Role.ADMIN", "user.role != former.role", "role.value for role in Role]"]
)
def test_the_search_for_compared_roles_ignores_other_uses_of_a_role(harmless: str) -> None:
    assert not ROLE_CHECK.search(harmless)


def test_no_module_except_the_policy_compares_role_names() -> None:
    repository = Path(__file__).parents[4]
    sources = [
        path
        for folder in ("packages", "auth_service", "device_service", "monitoring_service")
        for path in (repository / folder).rglob("*.py")
        if not {"tests", "migrations", "build"} & set(path.parts)
    ]

    offenders = [str(path) for path in sources if ROLE_CHECK.search(path.read_text())]

    assert len(sources) > 100
    assert offenders == []
