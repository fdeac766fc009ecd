"""Registration, the user's own account, and the administration of accounts."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from authentication.accounts.authentication import current_user
from authentication.accounts.selectors import user_get, user_list
from authentication.accounts.serializers import (
    ProfileSerializer,
    RegistrationSerializer,
    RegistrationStateSerializer,
    UserCreateSerializer,
    UserQuery,
    UserSerializer,
    UserUpdateSerializer,
)
from authentication.accounts.services import (
    UserChanges,
    user_create,
    user_delete,
    user_end_sessions,
    user_update,
)
from authentication.api.views import PublicView
from authentication.models import User
from service_kit.access.permissions import HasPermission, Permission
from service_kit.api.requests import validated_body, validated_query


class RegistrationClosed(exceptions.PermissionDenied):
    """Registration is closed: administrators create the accounts of this installation."""

    default_detail = "Registration is closed. An administrator creates the accounts."
    default_code = "registration_closed"


class RegisterView(PublicView):
    """Registration."""

    @extend_schema(responses=RegistrationStateSerializer)
    def get(self, request: Request) -> Response:
        """Return whether visitors can register."""
        return Response({"open": settings.REGISTRATION_OPEN})

    @extend_schema(request=RegistrationSerializer, responses={201: ProfileSerializer})
    def post(self, request: Request) -> Response:
        """Register a client, also if the body names another role. 403 where registration is off."""
        if not settings.REGISTRATION_OPEN:
            raise RegistrationClosed
        data = validated_body(request, RegistrationSerializer)
        user = user_create(**data)
        return Response(ProfileSerializer(user).data, status.HTTP_201_CREATED)


class MeView(APIView):
    """The user's own account."""

    @extend_schema(responses=ProfileSerializer)
    def get(self, request: Request) -> Response:
        """Return the user's own account."""
        return Response(ProfileSerializer(current_user(request)).data)

    @extend_schema(request=ProfileSerializer, responses=ProfileSerializer)
    def patch(self, request: Request) -> Response:
        """Change the user's own names, email, phone, language or theme, and nothing else."""
        data = validated_body(request, ProfileSerializer, partial=True)
        user = current_user(request)
        changes = cast(UserChanges, data)
        changed = user_update(user_id=user.id, changes=changes, by=user)
        return Response(ProfileSerializer(changed).data)


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
