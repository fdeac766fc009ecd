"""The route of the public keys."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from authentication.api.views import PublicView
from authentication.tokens.serializers import KeySetSerializer
from authentication.tokens.signing import key_set


class KeySetView(PublicView):
    """The public keys."""

    @extend_schema(responses=KeySetSerializer)
    def get(self, request: Request) -> Response:
        """Return the public keys that verify access tokens."""
        return Response(key_set(), headers={"Cache-Control": "public, max-age=60"})
