"""The administration of accounts, and the security log."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from authentication.authentication import current_user
from authentication.models import SecurityEvent, User
from authentication.selectors import security_event_list, user_get, user_list
from authentication.serializers import (
    SecurityEventQuery,
    SecurityEventSerializer,
    UserCreateSerializer,
    UserQuery,
    UserSerializer,
    UserUpdateSerializer,
)
from authentication.services import (
    UserChanges,
    user_create,
    user_delete,
    user_end_sessions,
    user_update,
)
from service_kit.api import validated_body, validated_query
from service_kit.permissions import HasPermission, Permission


class UserListView(GenericAPIView[User]):
    """All accounts."""

    permission_classes = (HasPermission(Permission.MANAGE_USERS),)

    @extend_schema(
        operation_id="users_list", parameters=[UserQuery], responses=UserSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """List the accounts, page by page."""
        users = user_list(**validated_query(request, UserQuery))
        page = self.paginate_queryset(users)
        return self.get_paginated_response(UserSerializer(page, many=True).data)

    @extend_schema(request=UserCreateSerializer, responses={201: UserSerializer})
    def post(self, request: Request) -> Response:
        """Create an account of any role."""
        values = validated_body(request, UserCreateSerializer)
        user = user_create(**values, by=current_user(request))
        return Response(UserSerializer(user).data, status.HTTP_201_CREATED)


class UserView(APIView):
    """One account."""

    permission_classes = (HasPermission(Permission.MANAGE_USERS),)

    @extend_schema(responses=UserSerializer)
    def get(self, request: Request, user_id: UUID) -> Response:
        """Return one account."""
        return Response(UserSerializer(user_get(user_id=user_id)).data)

    @extend_schema(request=UserUpdateSerializer(partial=True), responses=UserSerializer)
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Change an account; a new role or password, or disabling it, ends its sessions."""
        values = validated_body(request, UserUpdateSerializer, partial=True)
        changes = cast(UserChanges, values)
        user = user_update(user_id=user_id, changes=changes, by=current_user(request))
        return Response(UserSerializer(user).data)

    @extend_schema(responses={204: OpenApiResponse(description="Deleted")})
    def delete(self, request: Request, user_id: UUID) -> Response:
        """Delete an account; its name is free again."""
        user_delete(user_id=user_id, by=current_user(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class UserSessionsView(APIView):
    """The sessions of one account."""

    permission_classes = (HasPermission(Permission.MANAGE_USERS),)

    @extend_schema(responses={204: OpenApiResponse(description="All sessions have ended")})
    def delete(self, request: Request, user_id: UUID) -> Response:
        """End all sessions of an account, everywhere."""
        user_end_sessions(user_id=user_id, reason="administrator", by=current_user(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SecurityEventListView(GenericAPIView[SecurityEvent]):
    """The security log."""

    permission_classes = (HasPermission(Permission.READ_SECURITY_LOG),)

    @extend_schema(
        operation_id="security_events_list",
        parameters=[SecurityEventQuery],
        responses=SecurityEventSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the security log, newest entry first."""
        events = security_event_list(**validated_query(request, SecurityEventQuery))
        page = self.paginate_queryset(events)
        return self.get_paginated_response(SecurityEventSerializer(page, many=True).data)
