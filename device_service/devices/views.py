"""The HTTP API of devices, assignments and the log: permission, input, answer.

Reads are in `selectors`, writes in `services`.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices import selectors, services
from devices.cache import DeviceListCache, DeviceListPagination
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
    NewDeviceSerializer,
    StatusSerializer,
    TransitionSerializer,
)
from service_kit.api import validated_body, validated_query
from service_kit.identity.authentication import current_user
from service_kit.permissions import HasPermission, Permission, check_permission, has_permission


def current_actor(request: Request) -> services.Actor:
    """Return the user of the request as the log names them."""
    user = current_user(request)
    return services.Actor(user.id, user.username)


def check_may_manage(request: Request, device_id: UUID) -> None:
    """Check that the user may change the device.

    Raises NotFound for a device that the user may not see, so that nobody learns of a hidden
    device; else PermissionDenied.
    """
    user = current_user(request)
    selectors.device_get(user=user, device_id=device_id)
    check_permission(user, Permission.MANAGE_DEVICES)


class DevicesInStatusView(GenericAPIView[Device]):
    """The devices in one status."""

    device_status: DeviceStatus | None = DeviceStatus.IN_STOCK

    @extend_schema(parameters=[DeviceQuery], responses=DeviceSerializer(many=True))
    def get(self, request: Request) -> HttpResponse:
        """List the devices in this status that the user may see."""
        return self.cached_page(request)

    def cached_page(self, request: Request) -> HttpResponse:
        """Return a page from the cache, or read it from the database."""
        lists = DeviceListCache(current_user(request))
        page = lists.get_or_make(request.build_absolute_uri(), lambda: self._page(request, lists))
        return HttpResponse(page, content_type="application/json")

    def _page(self, request: Request, lists: DeviceListCache) -> bytes:
        query = validated_query(request, DeviceQuery)
        ordering = query.pop("ordering")
        if self.device_status is not None:
            query["status"] = self.device_status
        devices = selectors.device_list(user=current_user(request), ordering=ordering, **query)
        list_name = str(sorted((name, str(value)) for name, value in query.items()))
        paginator = DeviceListPagination(lists, list_name)
        rows = paginator.paginate_queryset(devices, request, view=self)
        answer = paginator.get_paginated_response(DeviceSerializer(rows, many=True).data)
        return JSONRenderer().render(answer.data)


class DeviceListView(DevicesInStatusView):
    """All devices."""

    device_status = None

    @extend_schema(
        operation_id="devices_list",
        parameters=[DeviceQuery],
        responses=DeviceSerializer(many=True),
    )
    def get(self, request: Request) -> HttpResponse:
        """List the devices that the user may see."""
        return self.cached_page(request)

    @extend_schema(
        operation_id="devices_create",
        request=NewDeviceSerializer,
        responses={201: DeviceSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create a device in stock."""
        check_permission(current_user(request), Permission.MANAGE_DEVICES)
        values = validated_body(request, NewDeviceSerializer)
        notes = values.pop("notes", "")
        device = services.device_create(actor=current_actor(request), values=values, notes=notes)
        return Response(DeviceSerializer(device).data, status=status.HTTP_201_CREATED)


class DeviceView(APIView):
    """One device."""

    @extend_schema(operation_id="devices_retrieve", responses=DeviceSerializer)
    def get(self, request: Request, device_id: UUID) -> Response:
        """Read one device."""
        device = selectors.device_get(user=current_user(request), device_id=device_id)
        return Response(DeviceSerializer(device).data)

    @extend_schema(request=DeviceSerializer, responses=DeviceSerializer)
    def put(self, request: Request, device_id: UUID) -> Response:
        """Change a device; required fields must be sent, other missing fields stay as they are."""
        return self._update(request, device_id, partial=False)

    @extend_schema(request=DeviceSerializer(partial=True), responses=DeviceSerializer)
    def patch(self, request: Request, device_id: UUID) -> Response:
        """Change some fields of a device."""
        return self._update(request, device_id, partial=True)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, device_id: UUID) -> Response:
        """Delete a device and end its assignments."""
        check_may_manage(request, device_id)
        services.device_delete(actor=current_actor(request), device_id=device_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _update(self, request: Request, device_id: UUID, *, partial: bool) -> Response:
        check_may_manage(request, device_id)
        device = selectors.device_get(user=current_user(request), device_id=device_id)
        values = validated_body(request, DeviceSerializer, instance=device, partial=partial)
        notes = values.pop("notes", "")
        device = services.device_update(
            actor=current_actor(request), device_id=device_id, values=values, notes=notes
        )
        return Response(DeviceSerializer(device).data)


class StatusView(APIView):
    """The status of a device."""

    @extend_schema(request=StatusSerializer, responses=DeviceSerializer)
    def put(self, request: Request, device_id: UUID) -> Response:
        """Change the status to the one in the body."""
        check_may_manage(request, device_id)
        values = validated_body(request, StatusSerializer)
        target = DeviceStatus(values.pop("status"))
        device = services.device_transition(
            actor=current_actor(request), device_id=device_id, target=target, **values
        )
        return Response(DeviceSerializer(device).data)


class TransitionView(APIView):
    """The transition of a device to the status of the route."""

    target: DeviceStatus = DeviceStatus.IN_STOCK

    @extend_schema(request=TransitionSerializer, responses=DeviceSerializer)
    def put(self, request: Request, device_id: UUID) -> Response:
        """Change the status to the one of the route."""
        check_may_manage(request, device_id)
        values = validated_body(request, TransitionSerializer)
        device = services.device_transition(
            actor=current_actor(request), device_id=device_id, target=self.target, **values
        )
        return Response(DeviceSerializer(device).data)


class AssignmentListView(GenericAPIView[Assignment]):
    """The assignments of one device."""

    @extend_schema(
        operation_id="devices_assignments_list",
        parameters=[AssignmentQuery],
        responses=AssignmentSerializer(many=True),
    )
    def get(self, request: Request, device_id: UUID) -> Response:
        """List the users who have the device, with `history` also those who had it."""
        user = current_user(request)
        device = selectors.device_get(user=user, device_id=device_id)
        query = validated_query(request, AssignmentQuery)
        assignments = selectors.assignment_list(user=user, device=device, **query)
        page = self.paginate_queryset(assignments)
        return self.get_paginated_response(AssignmentSerializer(page, many=True).data)

    @extend_schema(
        request=NewAssignmentSerializer,
        responses={201: AssignmentSerializer, 200: AssignmentSerializer},
    )
    def post(self, request: Request, device_id: UUID) -> Response:
        """Assign the device to a user; 200 if the user has it already."""
        check_may_manage(request, device_id)
        values = validated_body(request, NewAssignmentSerializer)
        created, is_new = services.assignment_create(
            actor=current_actor(request), device_id=device_id, **values
        )
        assignment = selectors.assignment_get(assignment_id=created.id)
        return Response(
            AssignmentSerializer(assignment).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )


class AssignmentView(APIView):
    """The assignment of one device to one user."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, device_id: UUID, user_id: UUID) -> Response:
        """End the assignment."""
        check_may_manage(request, device_id)
        services.assignment_end(actor=current_actor(request), device_id=device_id, user_id=user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogListView(GenericAPIView[LogEntry]):
    """The log of all devices; it names users, so it has a permission of its own."""

    permission_classes = (HasPermission(Permission.READ_DEVICE_LOG),)

    @extend_schema(
        operation_id="devices_all_logs_list",
        parameters=[LogQuery],
        responses=LogEntrySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the changes of all devices, newest first."""
        page = self.paginate_queryset(selectors.log_list(**validated_query(request, LogQuery)))
        return self.get_paginated_response(LogEntrySerializer(page, many=True).data)


class DeviceLogListView(GenericAPIView[LogEntry]):
    """The log of one device, which may be deleted."""

    @extend_schema(
        operation_id="devices_logs_list",
        parameters=[LogQuery],
        responses=LogEntrySerializer(many=True),
    )
    def get(self, request: Request, device_id: UUID) -> Response:
        """List the changes of one device, newest first."""
        user = current_user(request)
        if not has_permission(user, Permission.READ_ALL_DEVICES):
            # A client must not learn whether another user's device exists.
            selectors.device_get(user=user, device_id=device_id)
        elif not selectors.device_is_known(device_id=device_id):
            raise NotFound
        check_permission(user, Permission.READ_DEVICE_LOG)
        query = validated_query(request, LogQuery) | {"device_id": device_id}
        page = self.paginate_queryset(selectors.log_list(**query))
        return self.get_paginated_response(LogEntrySerializer(page, many=True).data)
