"""The routes of devices: lists, creation, change, transitions, removal."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.access.permissions import check_may_manage
from devices.access.selectors import device_get
from devices.assignments.selectors import with_present_users
from devices.inventory.cache import DeviceListCache, DeviceListPagination
from devices.inventory.selectors import device_list
from devices.inventory.serializers import (
    DeviceQuery,
    DeviceSerializer,
    ListedDeviceSerializer,
    NewDeviceSerializer,
    StatusSerializer,
    TransitionSerializer,
)
from devices.inventory.services import (
    device_create,
    device_delete,
    device_transition,
    device_update,
)
from devices.log.actors import current_actor
from devices.models import Device, DeviceStatus
from service_kit.access.permissions import Permission, check_permission
from service_kit.api.requests import validated_body, validated_query
from service_kit.identity.authentication import current_user


class DevicesInStatusView(GenericAPIView[Device]):
    """The devices in one status."""

    device_status: DeviceStatus | None = DeviceStatus.IN_STOCK

    @extend_schema(parameters=[DeviceQuery], responses=ListedDeviceSerializer(many=True))
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
        user = current_user(request)
        devices = device_list(user=user, ordering=ordering, **query)
        list_name = str(sorted((name, str(value)) for name, value in query.items()))
        paginator = DeviceListPagination(lists, list_name)
        listed = with_present_users(devices.prefetch_related("channels"), user=user)
        rows = paginator.paginate_queryset(listed, request, view=self)
        answer = paginator.get_paginated_response(ListedDeviceSerializer(rows, many=True).data)
        return JSONRenderer().render(answer.data)


class DeviceListView(DevicesInStatusView):
    """All devices."""

    device_status = None

    @extend_schema(
        operation_id="devices_list",
        parameters=[DeviceQuery],
        responses=ListedDeviceSerializer(many=True),
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
        device = device_create(actor=current_actor(request), values=values, notes=notes)
        return Response(DeviceSerializer(device).data, status=status.HTTP_201_CREATED)


class DeviceView(APIView):
    """One device."""

    @extend_schema(operation_id="devices_retrieve", responses=DeviceSerializer)
    def get(self, request: Request, device_id: UUID) -> Response:
        """Read one device."""
        device = device_get(user=current_user(request), device_id=device_id)
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
        device_delete(actor=current_actor(request), device_id=device_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _update(self, request: Request, device_id: UUID, *, partial: bool) -> Response:
        check_may_manage(request, device_id)
        device = device_get(user=current_user(request), device_id=device_id)
        values = validated_body(request, DeviceSerializer, instance=device, partial=partial)
        notes = values.pop("notes", "")
        device = device_update(
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
        device = device_transition(
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
        device = device_transition(
            actor=current_actor(request), device_id=device_id, target=self.target, **values
        )
        return Response(DeviceSerializer(device).data)
