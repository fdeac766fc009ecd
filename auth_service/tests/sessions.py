"""How programs and browsers log in and stay logged in."""

from __future__ import annotations

from rest_framework.test import APIClient

TOKEN, TOKEN_REFRESH = "/api/auth/token/", "/api/auth/token/refresh/"
LOGIN, REFRESH, LOGOUT = "/api/auth/login/", "/api/auth/refresh/", "/api/auth/logout/"
COOKIE = "ems_refresh"


def exchange(refresh: str):
    return APIClient().post(TOKEN_REFRESH, {"refresh": refresh}, format="json")


def log_in_as_browser(client, user, password, **headers):
    credentials = {"username": user.username, "password": password}
    return client.post(LOGIN, credentials, format="json", **headers)
