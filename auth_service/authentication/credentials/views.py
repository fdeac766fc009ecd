"""The change of the user's own password."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from authentication.accounts.authentication import current_user
from authentication.accounts.services import user_update
from authentication.credentials.serializers import PasswordChangeSerializer
from authentication.credentials.services import password_confirmed
from service_kit.api.requests import validated_body


class PasswordView(APIView):
    """The user's own password."""

    @extend_schema(
        request=PasswordChangeSerializer,
        responses={204: OpenApiResponse(description="Changed; all sessions have ended")},
    )
    def post(self, request: Request) -> Response:
        """Change the user's own password; all of the user's sessions end, including this one."""
        data = validated_body(request, PasswordChangeSerializer)
        user = current_user(request)
        if not password_confirmed(user=user, password=data["current_password"]):
            raise ValidationError({"current_password": ["This is not the current password."]})
        try:
            user_update(user_id=user.id, changes={"password": data["new_password"]}, by=user)
        except ValidationError as error:
            raise _renamed(error, "password", "new_password") from error
        return Response(status=status.HTTP_204_NO_CONTENT)


def _renamed(error: ValidationError, field: str, sent_as: str) -> ValidationError:
    """Return the error with the name that the field has in the request."""
    detail: dict[str, Any] = dict(cast(dict[str, Any], error.detail))
    return ValidationError({sent_as if name == field else name: d for name, d in detail.items()})
