"""HTTP: who may ask what, and how it is said. Reads are in selectors, writes in services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from devices import selectors, services
from devices.cache import DeviceListCache
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
from service_kit.authentication import IsAdmin
from service_kit.identity.models import KnownUser
from service_kit.keyset import page_of
from service_kit.ordering import Ordering

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
    check_is_admin(request)


def check_is_admin(request: Request) -> None:
    """Raises PermissionDenied."""
    if not asking(request).is_admin:
        raise PermissionDenied(IsAdmin.message)


class PagedView(generics.GenericAPIView[Row]):
    """A list in pages."""

    def page(
        self, rows: QuerySet[Row], ordering: Ordering, count: Callable[[], int] | None = None
    ) -> dict[str, Any]:
        """Return the page of `rows` that the request asks for, as JSON's values."""
        page = page_of(rows, self.request, ordering, count or rows.count)
        return page.answer(self.get_serializer(page.rows, many=True).data)


class DevicesInStatusView(PagedView[Device]):
    """The devices in one status."""

    queryset = Device.objects.none()
    serializer_class = DeviceSerializer
    device_status: DeviceStatus | None = DeviceStatus.IN_STOCK

    @extend_schema(parameters=[DeviceQuery], responses=DeviceSerializer(many=True))
    def get(self, request: Request) -> HttpResponse:
        """Return a page from the cache, or read it from the database."""
        lists = DeviceListCache(asking(request))
        body = lists.get_or_make(request.build_absolute_uri(), lambda: self.read(request, lists))
        return HttpResponse(body, content_type="application/json")

    def read(self, request: Request, lists: DeviceListCache) -> bytes:
        """Return the page's JSON; all pages of one list share a cached count."""
        query = valid(DeviceQuery(data=request.query_params))
        ordering = Ordering.by(query.pop("ordering"), caseless=selectors.CASELESS_FIELDS)
        if self.device_status is not None:
            query["status"] = self.device_status
        rows = selectors.device_list(user=asking(request), **query)
        filters = f"count {sorted((name, str(value)) for name, value in query.items())}"

        def count() -> int:
            return int(lists.get_or_make(filters, lambda: b"%d" % rows.count()))

        return JSONRenderer().render(self.page(rows, ordering, count))


class DeviceListView(DevicesInStatusView):
    """All devices that the user may see; administrators add new ones."""

    device_status = None

    @extend_schema(
        operation_id="devices_list",
        parameters=[DeviceQuery],
        responses=DeviceSerializer(many=True),
    )
    def get(self, request: Request) -> HttpResponse:
        return super().get(request)

    @extend_schema(
        operation_id="devices_create",
        request=NewDeviceSerializer,
        responses={201: DeviceSerializer},
    )
    def post(self, request: Request) -> Response:
        check_is_admin(request)
        values = valid(NewDeviceSerializer(data=request.data))
        notes = values.pop("notes", "")
        device = services.device_create(actor=actor(request), values=values, notes=notes)
        return Response(DeviceSerializer(device).data, status=status.HTTP_201_CREATED)


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
        notes = values.pop("notes", "")
        device = services.device_update(
            actor=actor(request), device_id=device_id, values=values, notes=notes
        )
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

    @extend_schema(
        operation_id="devices_assignments_list",
        parameters=[AssignmentQuery],
        responses=AssignmentSerializer(many=True),
    )
    def get(self, request: Request, device_id: UUID) -> Response:
        user = asking(request)
        device = selectors.device_get(user=user, device_id=device_id)
        query = valid(AssignmentQuery(data=request.query_params))
        rows = selectors.assignment_list(user=user, device=device, **query)
        return Response(self.page(rows, selectors.LATEST_ASSIGNMENTS))

    @extend_schema(
        request=NewAssignmentSerializer,
        responses={201: AssignmentSerializer, 200: AssignmentSerializer},
    )
    def post(self, request: Request, device_id: UUID) -> Response:
        check_may_write(request, device_id)
        values = valid(NewAssignmentSerializer(data=request.data))
        made, is_new = services.assignment_create(
            actor=actor(request), device_id=device_id, **values
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

    @extend_schema(
        operation_id="devices_all_logs_list",
        parameters=[LogQuery],
        responses=LogEntrySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        query = valid(LogQuery(data=request.query_params))
        return Response(self.page(selectors.log_list(**query), selectors.LATEST_ENTRIES))


class DeviceLogListView(PagedView[LogEntry]):
    """What was done to one device, also a deleted one; for administrators."""

    queryset = LogEntry.objects.none()
    serializer_class = LogEntrySerializer

    @extend_schema(
        operation_id="devices_logs_list",
        parameters=[LogQuery],
        responses=LogEntrySerializer(many=True),
    )
    def get(self, request: Request, device_id: UUID) -> Response:
        if not asking(request).is_admin:
            check_may_write(request, device_id)
        elif not selectors.device_was_known(device_id):
            raise NotFound
        query = valid(LogQuery(data=request.query_params)) | {"device_id": device_id}
        return Response(self.page(selectors.log_list(**query), selectors.LATEST_ENTRIES))
