"""Accounts, for administrators."""

from __future__ import annotations

import ipaddress
from typing import Any, cast
from uuid import UUID

import django_filters
from django.db.models import F, QuerySet
from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.filters import SearchFilter
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from authentication.models import Role, SecurityEvent, SecurityEventKind, User
from authentication.selectors import user_find, user_list
from authentication.serializers import (
    SecurityEventSerializer,
    UserCreateSerializer,
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
from service_kit.authentication import IsAdmin
from service_kit.keyset import Ordering, both_ways, page_of

#: The order of the security log: newest first.
LATEST_EVENTS = Ordering("-id", "id", F("id"), descending=True)


def asking(request: Request) -> User:
    """The administrator whose token the request carries."""
    return cast(User, request.user)


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]
    role = django_filters.ChoiceFilter(choices=Role.choices)
    is_active = django_filters.BooleanFilter()


class UserOrder(serializers.Serializer[Any]):
    """The order of the list of accounts."""

    ordering = serializers.ChoiceField(
        choices=both_ways(("username", "email", "last_name", "role", "created_at", "last_login")),
        default="username",
    )


class UserListView(GenericAPIView[User]):
    permission_classes = (IsAdmin,)
    serializer_class = UserSerializer
    filter_backends = (DjangoFilterBackend, SearchFilter)
    filterset_class = UserFilter
    search_fields = ("username", "email", "first_name", "last_name", "phone")

    def get_queryset(self) -> QuerySet[User]:
        return user_list()

    @extend_schema(
        operation_id="users_list", parameters=[UserOrder], responses=UserSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """Accounts, page by page."""
        order = UserOrder(data=request.query_params)
        order.is_valid(raise_exception=True)
        ordering = Ordering.by(order.validated_data["ordering"], caseless=("username",))
        users = self.filter_queryset(self.get_queryset())
        page = page_of(users, request, ordering, users.count)
        return Response(page.answer(UserSerializer(page.rows, many=True).data))

    @extend_schema(request=UserCreateSerializer, responses={201: UserSerializer})
    def post(self, request: Request) -> Response:
        """A new account of any role."""
        data = UserCreateSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        user = user_create(**data.validated_data, by=asking(request))
        return Response(UserSerializer(user).data, status.HTTP_201_CREATED)


class UserView(GenericAPIView[User]):
    permission_classes = (IsAdmin,)
    serializer_class = UserSerializer

    def get(self, request: Request, user_id: UUID) -> Response:
        """One account."""
        user = user_find(user_id)
        if user is None:
            raise Http404
        return Response(UserSerializer(user).data)

    @extend_schema(request=UserUpdateSerializer, responses=UserSerializer)
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Change an account; a new role or password, or disabling it, ends its sessions."""
        data = UserUpdateSerializer(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        try:
            user = user_update(
                user_id=user_id,
                changes=cast(UserChanges, data.validated_data),
                by=asking(request),
            )
        except User.DoesNotExist as error:
            raise Http404 from error
        return Response(UserSerializer(user).data)

    @extend_schema(responses={204: OpenApiResponse(description="Deleted")})
    def delete(self, request: Request, user_id: UUID) -> Response:
        """Delete an account; its name is free again."""
        try:
            user_delete(user_id=user_id, by=asking(request))
        except User.DoesNotExist as error:
            raise Http404 from error
        return Response(status=status.HTTP_204_NO_CONTENT)


class UserSessionsView(APIView):
    permission_classes = (IsAdmin,)

    @extend_schema(responses={204: OpenApiResponse(description="All sessions have ended")})
    def delete(self, request: Request, user_id: UUID) -> Response:
        """End all sessions of an account, everywhere."""
        try:
            user_end_sessions(user_id=user_id, reason="administrator", by=asking(request))
        except User.DoesNotExist as error:
            raise Http404 from error
        return Response(status=status.HTTP_204_NO_CONTENT)


class SecurityEventFilter(django_filters.FilterSet):  # type: ignore[misc]
    kind = django_filters.MultipleChoiceFilter(choices=SecurityEventKind.choices)
    actor_id = django_filters.UUIDFilter()
    subject_id = django_filters.UUIDFilter()
    address = django_filters.CharFilter(method="from_address")
    since = django_filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="lt")

    def from_address(
        self, events: QuerySet[SecurityEvent], name: str, value: str
    ) -> QuerySet[SecurityEvent]:
        try:
            return events.filter(address=str(ipaddress.ip_address(value)))
        except ValueError as error:
            raise ValidationError({name: ["Enter an IP address."]}) from error


class SecurityEventListView(GenericAPIView[SecurityEvent]):
    queryset = SecurityEvent.objects.all()
    permission_classes = (IsAdmin,)
    serializer_class = SecurityEventSerializer
    filter_backends = (DjangoFilterBackend, SearchFilter)
    filterset_class = SecurityEventFilter
    search_fields = ("actor_name", "subject_name", "request_id")

    @extend_schema(
        operation_id="security_events_list", responses=SecurityEventSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """The security log, newest first."""
        events = self.filter_queryset(self.get_queryset())
        page = page_of(events, request, LATEST_EVENTS, events.count)
        return Response(page.answer(SecurityEventSerializer(page.rows, many=True).data))
