"""The check that requests with the session cookie come from the platform's own pages."""

from __future__ import annotations

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

#: Characters of a header that an answer repeats at most.
MAX_QUOTED = 100


class SameOriginPermission(BasePermission):
    """Rejects requests from pages of another origin; the error names it and the expected origins.

    A browser names the origin of every POST. A request without an origin comes from a program, and
    a program has only cookies that somebody gave to it. Should a browser omit the origin, its
    Sec-Fetch-Site header is checked; in addition the cookie is SameSite=Strict.
    """

    code = "origin_not_allowed"

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return whether the request comes from one of our pages, or from a program."""
        origin = request.headers.get("Origin")
        if origin in settings.PUBLIC_ORIGINS:
            return True
        site = request.headers.get("Sec-Fetch-Site", "none")
        if origin is None and site in ("same-origin", "none"):
            return True
        sender = f"a page of another site (Sec-Fetch-Site: {_quoted(site)})"
        if origin is not None:
            sender = f"the origin {_quoted(origin)}"
        # The expected origins are no secret: they are the addresses at which users open the pages.
        expected = ", ".join(settings.PUBLIC_ORIGINS)
        self.message = (
            f"The session cookie is not for {sender}; expected is {expected}."
            " Open the dashboard at such an address, or have the operator name this one in"
            " EMS_PUBLIC_ORIGINS, EMS_HOSTS or DOMAIN."
        )
        return False


def _quoted(header: str) -> str:
    """Return the header's value for an error text: in quotes, as ASCII, of limited length."""
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"<>' else "?" for c in header
    )
    return f'"{plain[:MAX_QUOTED]}…"' if len(plain) > MAX_QUOTED else f'"{plain}"'
