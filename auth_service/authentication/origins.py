"""Which pages may use the cookie."""

from __future__ import annotations

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class FromOurPages(BasePermission):
    """Refuses what a page of another origin sends.

    A browser names the origin of every POST, so a request without one comes from a program,
    which has no cookie that it was not given on purpose. Should a browser leave it out, its
    Sec-Fetch-Site still tells, and the cookie is SameSite=Strict besides.
    """

    message = "This origin may not use the session cookie."
    code = "origin_not_allowed"

    def has_permission(self, request: Request, view: APIView) -> bool:
        origin = request.headers.get("Origin")
        if origin is None:
            return request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")
        return origin in settings.PUBLIC_ORIGINS
