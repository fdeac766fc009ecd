"""HTTP: who may ask what, and how it is said. Reads are in selectors, writes in services."""

from __future__ import annotations

from typing import Any, TypeVar, cast
from uuid import UUID

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from devices import selectors, services
from devices.lifecycle import DeviceStatus
from devices.models import Assignment, Device, LogEntry
from devices.serializers import (
    AssignmentQuery,
    AssignmentSerializer,
    DeviceQuery,
    DeviceSerializer,
    LogEntrySerializer,
    LogQuery,
    NewAssignmentSerializer,
    StatusSerializer,
    TransitionSerializer,
)
from service_kit.authentication import IsAdmin
from service_kit.identity.models import KnownUser

Row = TypeVar("Row", bound=Model)


def asking(request: Request) -> KnownUser:
    """The user whose token the request carries."""
    return cast(KnownUser, request.user)


def actor(request: Request) -> services.Actor:
    """Who is written into the log."""
    user = asking(request)
    return services.Actor(user.id, user.username)


def valid(serializer: Serializer[Any]) -> dict[str, Any]:
    """The validated data. Raises ValidationError."""
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def check_may_write(request: Request, device_id: UUID) -> None:
    """Raises NotFound before PermissionDenied: a client learns of no device but their own."""
    selectors.device_get(user=asking(request), device_id=device_id)
    if not asking(request).is_admin:
        raise PermissionDenied(IsAdmin.message)


class PagedView(generics.GenericAPIView[Row]):
    """A list in pages."""

    def page(self, rows: QuerySet[Row]) -> Response:
        """One page of `rows`, as the request asks for it."""
        found = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(found, many=True).data)


class DeviceListView(PagedView[Device]):
    """All devices that the user may see; administrators add new ones."""

    queryset = Device.objects.none()
    serializer_class = DeviceSerializer

    @extend_schema(operation_id="devices_list", parameters=[DeviceQuery])
    def get(self, request: Request) -> Response:
        query = valid(DeviceQuery(data=request.query_params))
        return self.page(selectors.device_list(user=asking(request), **query))

    @extend_schema(operation_id="devices_create", responses={201: DeviceSerializer})
    def post(self, request: Request) -> Response:
        if not asking(request).is_admin:
            raise PermissionDenied(IsAdmin.message)
        values = valid(DeviceSerializer(data=request.data))
        device = services.device_create(actor=actor(request), values=values)
        return Response(DeviceSerializer(device).data, status=status.HTTP_201_CREATED)


class DevicesInStatusView(PagedView[Device]):
    """The devices in one status."""

    queryset = Device.objects.none()
    serializer_class = DeviceSerializer
    device_status: DeviceStatus = DeviceStatus.IN_STOCK

    @extend_schema(parameters=[DeviceQuery])
    def get(self, request: Request) -> Response:
        query = valid(DeviceQuery(data=request.query_params)) | {"status": self.device_status}
        return self.page(selectors.device_list(user=asking(request), **query))


class DeviceView(APIView):
    """One device."""

    @extend_schema(operation_id="devices_retrieve", responses=DeviceSerializer)
    def get(self, request: Request, device_id: UUID) -> Response:
        device = selectors.device_get(user=asking(request), device_id=device_id)
        return Response(DeviceSerializer(device).data)

    @extend_schema(request=DeviceSerializer, responses=DeviceSerializer)
    def put(self, request: Request, device_id: UUID) -> Response:
        return self.update(request, device_id, partial=False)

    @extend_schema(request=DeviceSerializer(partial=True), responses=DeviceSerializer)
    def patch(self, request: Request, device_id: UUID) -> Response:
        return self.update(request, device_id, partial=True)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, device_id: UUID) -> Response:
        check_may_write(request, device_id)
        services.device_delete(actor=actor(request), device_id=device_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def update(self, request: Request, device_id: UUID, *, partial: bool) -> Response:
        check_may_write(request, device_id)
        device = selectors.device_get(user=asking(request), device_id=device_id)
        values = valid(DeviceSerializer(device, data=request.data, partial=partial))
        device = services.device_update(actor=actor(request), device_id=device_id, values=values)
        return Response(DeviceSerializer(device).data)


class StatusView(APIView):
    """A transition to the status that the body names."""

    @extend_schema(request=StatusSerializer, responses=DeviceSerializer)
    def put(self, request: Request, device_id: UUID) -> Response:
        check_may_write(request, device_id)
        values = valid(StatusSerializer(data=request.data))
        target = DeviceStatus(values.pop("status"))
        device = services.device_transition(
            actor=actor(request), device_id=device_id, target=target, **values
        )
        return Response(DeviceSerializer(device).data)


class TransitionView(APIView):
    """A transition to the status that the route names."""

    target: DeviceStatus = DeviceStatus.IN_STOCK

    @extend_schema(request=TransitionSerializer, responses=DeviceSerializer)
    def put(self, request: Request, device_id: UUID) -> Response:
        check_may_write(request, device_id)
        values = valid(TransitionSerializer(data=request.data))
        device = services.device_transition(
            actor=actor(request), device_id=device_id, target=self.target, **values
        )
        return Response(DeviceSerializer(device).data)


class AssignmentListView(PagedView[Assignment]):
    """Who has the device; administrators give it to more users."""

    queryset = Assignment.objects.none()
    serializer_class = AssignmentSerializer

    @extend_schema(operation_id="devices_assignments_list", parameters=[AssignmentQuery])
    def get(self, request: Request, device_id: UUID) -> Response:
        user = asking(request)
        device = selectors.device_get(user=user, device_id=device_id)
        query = valid(AssignmentQuery(data=request.query_params))
        return self.page(selectors.assignment_list(user=user, device=device, **query))

    @extend_schema(
        request=NewAssignmentSerializer,
        responses={201: AssignmentSerializer, 200: AssignmentSerializer},
    )
    def post(self, request: Request, device_id: UUID) -> Response:
        check_may_write(request, device_id)
        user_id = valid(NewAssignmentSerializer(data=request.data))["user_id"]
        made, is_new = services.assignment_create(
            actor=actor(request), device_id=device_id, user_id=user_id
        )
        assignment = selectors.with_username(Assignment.objects.filter(id=made.id)).get()
        return Response(
            AssignmentSerializer(assignment).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )


class AssignmentView(APIView):
    """One user's assignment."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, device_id: UUID, user_id: UUID) -> Response:
        check_may_write(request, device_id)
        services.assignment_end(actor=actor(request), device_id=device_id, user_id=user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogListView(PagedView[LogEntry]):
    """What was done to all devices; for administrators, it names other users."""

    permission_classes = [IsAdmin]
    queryset = LogEntry.objects.none()
    serializer_class = LogEntrySerializer

    @extend_schema(operation_id="devices_all_logs_list", parameters=[LogQuery])
    def get(self, request: Request) -> Response:
        query = valid(LogQuery(data=request.query_params))
        return self.page(selectors.log_list(**query))


class DeviceLogListView(PagedView[LogEntry]):
    """What was done to one device, also a deleted one; for administrators."""

    queryset = LogEntry.objects.none()
    serializer_class = LogEntrySerializer

    @extend_schema(operation_id="devices_logs_list")
    def get(self, request: Request, device_id: UUID) -> Response:
        if not asking(request).is_admin:
            check_may_write(request, device_id)
        elif not selectors.device_was_known(device_id):
            raise NotFound
        return self.page(selectors.log_list(device_id=device_id))
