"""Functions that the views of all services use: the user of a request and its checked input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

if TYPE_CHECKING:
    from service_kit.access.authentication import Principal


def current_user(request: Request) -> Principal:
    """Return the user whose access token the request carries.

    Requires: a view that rejects requests without a token.
    """
    return cast("Principal", request.user)


def validated_query(
    request: Request, serializer_class: type[BaseSerializer[Any]]
) -> dict[str, Any]:
    """Return the checked parameters of the request's query. Raises ValidationError by field."""
    serializer = serializer_class(data=request.query_params)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def validated_body(
    request: Request,
    serializer_class: type[BaseSerializer[Any]],
    *,
    instance: Any = None,
    partial: bool = False,
) -> dict[str, Any]:
    """Return the checked fields of the request's body. Raises ValidationError by field.

    `instance` is the stored object that the body changes; with `partial` each field may be missing.
    """
    serializer = serializer_class(instance, data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
