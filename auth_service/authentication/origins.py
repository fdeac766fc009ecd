"""Which pages may use the cookie."""

from __future__ import annotations

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

#: Characters of a header that an answer repeats.
MAX_SHOWN = 100


class SameOriginPermission(BasePermission):
    """Rejects what a page of another origin sends, and says which one came and which are expected.

    A browser names the origin of every POST, so a request without one comes from a program,
    which has no cookie that it was not given on purpose. Should a browser leave it out, its
    Sec-Fetch-Site still tells, and the cookie is SameSite=Strict besides.
    """

    code = "origin_not_allowed"

    def has_permission(self, request: Request, view: APIView) -> bool:
        origin = request.headers.get("Origin")
        if origin in settings.PUBLIC_ORIGINS:
            return True
        site = request.headers.get("Sec-Fetch-Site", "none")
        if origin is None and site in ("same-origin", "none"):
            return True
        came = f"a page of another site (Sec-Fetch-Site: {_shown(site)})"
        if origin is not None:
            came = f"the origin {_shown(origin)}"
        # The ones expected are the platform's own addresses: whoever asks has used one of them.
        expected = ", ".join(settings.PUBLIC_ORIGINS)
        self.message = (
            f"The session cookie is not for {came}; expected is {expected}."
            " Open the dashboard at such an address, or have the operator name this one in"
            " EMS_PUBLIC_ORIGINS, EMS_HOSTS or DOMAIN."
        )
        return False


def _shown(header: str) -> str:
    """Return a header as an answer may repeat it: in quotes, plain ASCII, not endless."""
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"<>' else "?" for c in header
    )
    return f'"{plain[:MAX_SHOWN]}…"' if len(plain) > MAX_SHOWN else f'"{plain}"'
