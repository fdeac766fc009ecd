"""Sessions of the admin: a cookie that names the user whose access token opened it.

The cookie grants nothing by itself: at every request the service's own copy of the user decides,
so that a disabled, demoted, deleted or logged out user loses the admin at once.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.settings import api_settings

from service_kit.access.authentication import BearerAuthentication, Principal, check_still_valid
from service_kit.access.permissions import Permission, has_permission

COOKIE = "ems_admin"

#: Seconds until the admin renews itself from the platform's session, silently while that lasts.
LIFETIME_SECONDS = 3600


class AdminUser:
    """An administrator in the form that Django's admin expects, with all rights in the admin."""

    is_active = is_staff = is_superuser = is_authenticated = True
    is_anonymous = False

    def __init__(self, principal: Principal) -> None:
        """Represent the user of an access token."""
        self.principal = principal
        self.id = self.pk = principal.id
        self.username = principal.username

    def __str__(self) -> str:
        """Return the user name."""
        return self.username

    def get_username(self) -> str:
        """Return the user name."""
        return self.username

    def get_short_name(self) -> str:
        """Return the user name."""
        return self.username

    def has_usable_password(self) -> bool:
        """Return False: passwords are changed in the dashboard."""
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Return True."""
        return True

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        """Return True."""
        return True

    def has_module_perms(self, label: str) -> bool:
        """Return True."""
        return True


class Nobody(AnonymousUser):
    """A visitor without a session; Django's own class needs authentication backends."""

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Return False."""
        return False

    def has_module_perms(self, module: str) -> bool:
        """Return False."""
        return False


def authenticator() -> BearerAuthentication:
    """Return the authentication class of this service's API."""
    authentication = cast(Any, api_settings.DEFAULT_AUTHENTICATION_CLASSES)[0]
    return cast(BearerAuthentication, authentication())


def admin_of(request: HttpRequest) -> AdminUser | Nobody:
    """Return the administrator that the cookie names, with their present rights, else Nobody."""
    try:
        content: dict[str, Any] = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=_salt(), max_age=LIFETIME_SECONDS
        )
        user = authenticator().user_by_id(UUID(content["sub"]))
        principal = check_still_valid(user, int(content["ver"]))
    except (signing.BadSignature, AuthenticationFailed, KeyError, ValueError, TypeError):
        return Nobody()
    if not has_permission(principal, Permission.OPEN_ADMIN_SITE):
        return Nobody()
    return AdminUser(principal)


def remember(request: HttpRequest, response: HttpResponseBase, principal: Principal) -> None:
    """Set the cookie."""
    held = {"sub": str(principal.id), "ver": principal.token_version}
    response.set_cookie(
        COOKIE,
        signing.dumps(held, salt=_salt()),
        max_age=LIFETIME_SECONDS,
        path=reverse("admin:index"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )


def forget(response: HttpResponseBase) -> None:
    """Clear the cookie."""
    response.delete_cookie(COOKIE, path=reverse("admin:index"), samesite="Strict")


def _salt() -> str:
    return f"admin of {settings.SERVICE_NAME}"
