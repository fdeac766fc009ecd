"""The routes of the log."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from devices.access.selectors import device_get, device_is_known
from devices.log.selectors import log_list
from devices.log.serializers import LogEntrySerializer, LogQuery
from devices.models import LogEntry
from service_kit.access.permissions import (
    HasPermission,
    Permission,
    check_permission,
    has_permission,
)
from service_kit.api.requests import validated_query
from service_kit.identity.authentication import current_user


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
        page = self.paginate_queryset(log_list(**validated_query(request, LogQuery)))
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
            device_get(user=user, device_id=device_id)
        elif not device_is_known(device_id=device_id):
            raise NotFound
        check_permission(user, Permission.READ_DEVICE_LOG)
        query = validated_query(request, LogQuery) | {"device_id": device_id}
        page = self.paginate_queryset(log_list(**query))
        return self.get_paginated_response(LogEntrySerializer(page, many=True).data)
