"""The change of the user's own password."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Q
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from authentication.accounts.authentication import current_session_id, current_user
from authentication.accounts.services import NO_SESSION, UserChanges, user_update
from authentication.credentials.serializers import PasswordChangeSerializer
from authentication.credentials.services import password_confirmed
from service_kit.api.requests import validated_body

#: The answer to a wrong password, and during the lockout to the right one.
NOT_CURRENT = (
    "This is not the current password. After five wrong ones in a row every password is rejected"
    " for 15 minutes."
)


class PasswordView(APIView):
    """The user's own password."""

    @extend_schema(
        request=PasswordChangeSerializer,
        responses={204: OpenApiResponse(description="Changed; the sessions have ended")},
    )
    def post(self, request: Request) -> Response:
        """Change the user's own password; all of the user's sessions end.

        With `keep_session` the session of the access token goes on, with a new access token.
        """
        data = validated_body(request, PasswordChangeSerializer)
        user = current_user(request)
        if not password_confirmed(user=user, password=data["current_password"]):
            raise ValidationError({"current_password": [NOT_CURRENT]}, code="wrong_password")
        kept_sessions = Q(id=current_session_id(request)) if data["keep_session"] else NO_SESSION
        changes: UserChanges = {"password": data["new_password"]}
        try:
            user_update(user_id=user.id, changes=changes, by=user, kept_sessions=kept_sessions)
        except ValidationError as error:
            raise _renamed(error, "password", "new_password") from error
        return Response(status=status.HTTP_204_NO_CONTENT)


def _renamed(error: ValidationError, field: str, sent_as: str) -> ValidationError:
    """Return the error with the name that the field has in the request."""
    detail: dict[str, Any] = dict(cast(dict[str, Any], error.detail))
    return ValidationError({sent_as if name == field else name: d for name, d in detail.items()})
