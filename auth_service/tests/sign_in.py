"""Sign-in and refresh as programs and browsers do them."""

from __future__ import annotations

from django.db.models import F
from rest_framework.test import APIClient

from authentication.models import RefreshFamily
from authentication.sessions.services import GRACE

TOKEN, TOKEN_REFRESH = "/api/auth/token/", "/api/auth/token/refresh/"
LOGIN, REFRESH, LOGOUT = "/api/auth/login/", "/api/auth/refresh/", "/api/auth/logout/"
COOKIE = "ems_refresh"


def exchange(refresh: str):
    return APIClient().post(TOKEN_REFRESH, {"refresh": refresh}, format="json")


def log_in_as_browser(client, user, password, **headers):
    credentials = {"username": user.username, "password": password}
    return client.post(LOGIN, credentials, format="json", **headers)


def outlast_the_grace() -> None:
    """Move the last exchange of every session before the grace."""
    RefreshFamily.objects.update(rotated_at=F("rotated_at") - GRACE)
