"""Helpers of every view: the user who asks, and the checked query string."""

from __future__ import annotations

from typing import Any, cast

from rest_framework import serializers as drf
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from service_kit.authentication import IsAdmin
from service_kit.identity.models import KnownUser


def asking(request: Request) -> KnownUser:
    """Who asks."""
    return cast(KnownUser, request.user)


def query(request: Request, serializer: type[drf.Serializer[Any]]) -> dict[str, Any]:
    """The checked query string. Raises ValidationError by field."""
    parsed = serializer(data=request.query_params)
    parsed.is_valid(raise_exception=True)
    return cast(dict[str, Any], parsed.validated_data)


class AdminView(APIView):
    """For administrators."""

    permission_classes = (IsAuthenticated, IsAdmin)
