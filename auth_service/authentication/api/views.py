"""The base of views for users who are not logged in."""

from __future__ import annotations

from collections.abc import Sequence

from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.views import APIView


class PublicView(APIView):
    """A view for users who are not logged in; it ignores a stale bearer token."""

    authentication_classes = ()
    permission_classes: Sequence[type[BasePermission]] = (AllowAny,)
