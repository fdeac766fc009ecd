"""Sessions and the user's own account. The administration of accounts is in `user_views`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from authentication.authentication import current_user
from authentication.cookies import refresh_cookie, refresh_cookie_clear, refresh_cookie_set
from authentication.errors import RegistrationClosed
from authentication.origins import SameOriginPermission
from authentication.serializers import (
    BrowserSessionSerializer,
    CredentialsSerializer,
    KeySetSerializer,
    LogoutSerializer,
    PasswordChangeSerializer,
    ProfileSerializer,
    RefreshSerializer,
    RegistrationSerializer,
    TokenPairSerializer,
)
from authentication.services import UserChanges, user_create, user_update
from authentication.sessions import (
    Session,
    password_confirmed,
    session_end,
    session_refresh,
    session_replace,
    session_start,
)
from authentication.tokens import key_set
from service_kit.api import validated_body


class PublicView(APIView):
    """A view for users who are not logged in; it ignores a stale bearer token."""

    authentication_classes = ()
    permission_classes: Sequence[type[BasePermission]] = (AllowAny,)


class RegisterView(PublicView):
    """Registration."""

    @extend_schema(request=RegistrationSerializer, responses={201: ProfileSerializer})
    def post(self, request: Request) -> Response:
        """Register a client, also if the body names another role. 403 where registration is off."""
        if not settings.REGISTRATION_OPEN:
            raise RegistrationClosed
        data = validated_body(request, RegistrationSerializer)
        user = user_create(**data)
        return Response(ProfileSerializer(user).data, status.HTTP_201_CREATED)


class TokenView(PublicView):
    """Sign-in of programs."""

    @extend_schema(request=CredentialsSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        """Log in as a program: the answer holds both tokens."""
        data = validated_body(request, CredentialsSerializer)
        session = session_start(**data)
        return Response({"access": session.access, "refresh": session.refresh})


class TokenRefreshView(PublicView):
    """Refresh tokens of programs."""

    @extend_schema(request=RefreshSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        """Exchange the refresh token.

        A repetition within 20 seconds gets the same successor. A reuse after that, or after the
        successor was used, ends all sessions.
        """
        data = validated_body(request, RefreshSerializer)
        session = session_refresh(**data)
        return Response({"access": session.access, "refresh": session.refresh})


class BrowserView(PublicView):
    """A view for sessions whose refresh token is in a cookie."""

    permission_classes = (SameOriginPermission,)

    def answer(self, session: Session) -> Response:
        """Return access token and user, and set the cookie."""
        response = Response(
            {"access": session.access, "user": ProfileSerializer(session.user).data}
        )
        refresh_cookie_set(response, self.request, session.refresh)
        return response


class LoginView(BrowserView):
    """Sign-in of browsers."""

    @extend_schema(request=CredentialsSerializer, responses=BrowserSessionSerializer)
    def post(self, request: Request) -> Response:
        """Log in as a browser: access token in the body, refresh token in a cookie."""
        data = validated_body(request, CredentialsSerializer)
        session = session_start(**data)
        former = refresh_cookie(request)
        if former is not None:
            # The new cookie replaces it: afterwards nobody could end the former session.
            session_replace(refresh=former)
        return self.answer(session)


class RefreshView(BrowserView):
    """Refresh tokens of browsers."""

    @extend_schema(
        request=None,
        responses={
            200: BrowserSessionSerializer,
            204: OpenApiResponse(description="No cookie: nobody is logged in"),
        },
    )
    def post(self, request: Request) -> Response:
        """Exchange the cookie's refresh token; 204 without a cookie, as on a first visit.

        The answer does not delete a rejected cookie: another tab may have set its successor since.
        """
        refresh = refresh_cookie(request)
        if refresh is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return self.answer(session_refresh(refresh=refresh))


class LogoutView(BrowserView):
    """Logout."""

    @extend_schema(
        request=LogoutSerializer, responses={204: OpenApiResponse(description="Logged out")}
    )
    def post(self, request: Request) -> Response:
        """End all sessions of the user; programs send the refresh token in the body.

        Without a session the answer is 204 as well.
        """
        data = validated_body(request, LogoutSerializer)
        refresh = refresh_cookie(request) or data.get("refresh")
        if refresh is not None:
            session_end(refresh=refresh)
        response = Response(status=status.HTTP_204_NO_CONTENT)
        refresh_cookie_clear(response, request)
        return response


class MeView(APIView):
    """The user's own account."""

    @extend_schema(responses=ProfileSerializer)
    def get(self, request: Request) -> Response:
        """Return the own account."""
        return Response(ProfileSerializer(current_user(request)).data)

    @extend_schema(request=ProfileSerializer, responses=ProfileSerializer)
    def patch(self, request: Request) -> Response:
        """Change the own names, email or phone; other fields of the body are ignored."""
        data = validated_body(request, ProfileSerializer, partial=True)
        me = current_user(request)
        changes = cast(UserChanges, data)
        changed = user_update(user_id=me.id, changes=changes, by=me)
        return Response(ProfileSerializer(changed).data)


class PasswordView(APIView):
    """The user's own password."""

    @extend_schema(
        request=PasswordChangeSerializer,
        responses={204: OpenApiResponse(description="Changed; all sessions have ended")},
    )
    def post(self, request: Request) -> Response:
        """Change the own password; all sessions end, including this one."""
        data = validated_body(request, PasswordChangeSerializer)
        me = current_user(request)
        if not password_confirmed(user=me, password=data["current_password"]):
            raise ValidationError({"current_password": ["This is not the current password."]})
        try:
            user_update(user_id=me.id, changes={"password": data["new_password"]}, by=me)
        except ValidationError as error:
            raise _renamed(error, "password", "new_password") from error
        return Response(status=status.HTTP_204_NO_CONTENT)


def _renamed(error: ValidationError, field: str, sent_as: str) -> ValidationError:
    """Return the error with the name that the field has in the request."""
    detail: dict[str, Any] = dict(cast(dict[str, Any], error.detail))
    return ValidationError({sent_as if name == field else name: d for name, d in detail.items()})


class KeySetView(PublicView):
    """The public keys."""

    @extend_schema(responses=KeySetSerializer)
    def get(self, request: Request) -> Response:
        """Return the public keys that verify access tokens."""
        return Response(key_set(), headers={"Cache-Control": "public, max-age=60"})
