"""Sign-in, refresh and logout of browsers and programs."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from authentication.accounts.authentication import current_session_id, current_user
from authentication.accounts.serializers import ProfileSerializer
from authentication.api.views import PublicView
from authentication.credentials.serializers import CredentialsSerializer
from authentication.models import RefreshFamily
from authentication.sessions.cookies import refresh_cookie, refresh_cookie_clear, refresh_cookie_set
from authentication.sessions.origins import SameOriginPermission
from authentication.sessions.selectors import session_list
from authentication.sessions.serializers import (
    BrowserSessionSerializer,
    LogoutSerializer,
    RefreshSerializer,
    SessionSerializer,
    TokenPairSerializer,
)
from authentication.sessions.services import (
    Session,
    session_end,
    session_end_one,
    session_end_others,
    session_refresh,
    session_replace,
    session_start,
)
from service_kit.api.requests import validated_body


class TokenView(PublicView):
    """Sign-in of programs."""

    @extend_schema(request=CredentialsSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        """Log in as a program: the answer holds both tokens."""
        data = validated_body(request, CredentialsSerializer)
        session = session_start(**data, user_agent=_user_agent(request))
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
        session = session_start(**data, user_agent=_user_agent(request))
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
        """End all sessions of the user, or with `everywhere: false` this one.

        Programs send the refresh token in the body. Without a session the answer is 204 as well.
        """
        data = validated_body(request, LogoutSerializer)
        refresh = refresh_cookie(request) or data.get("refresh")
        if refresh is not None:
            session_end(refresh=refresh, everywhere=data["everywhere"])
        response = Response(status=status.HTTP_204_NO_CONTENT)
        refresh_cookie_clear(response, request)
        return response


class SessionListView(GenericAPIView[RefreshFamily]):
    """The user's own sessions."""

    @extend_schema(operation_id="sessions_list", responses=SessionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the user's own sessions, page by page, the one used last first."""
        page = self.paginate_queryset(session_list(user=current_user(request)))
        context = {"current": current_session_id(request)}
        serializer = SessionSerializer(page, many=True, context=context)
        return self.get_paginated_response(serializer.data)

    @extend_schema(
        operation_id="sessions_end_others",
        responses={204: OpenApiResponse(description="The other sessions have ended")},
    )
    def delete(self, request: Request) -> Response:
        """End all of the user's own sessions but the one of the access token."""
        session_end_others(user=current_user(request), current=current_session_id(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionView(APIView):
    """One of the user's own sessions."""

    @extend_schema(responses={204: OpenApiResponse(description="The session has ended")})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End one of the user's own sessions."""
        session_end_one(user=current_user(request), session_id=session_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _user_agent(request: Request) -> str:
    return str(request.headers.get("User-Agent", ""))
