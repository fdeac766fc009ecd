"""The route of actions on many devices."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.bulk.serializers import BulkReportSerializer, BulkSerializer
from devices.bulk.services import devices_act
from devices.log.actors import current_actor
from service_kit.access.permissions import Permission, check_permission
from service_kit.api.requests import validated_body
from service_kit.identity.authentication import current_user


class BulkView(APIView):
    """Deploy, recall or assign many devices."""

    @extend_schema(
        operation_id="devices_bulk", request=BulkSerializer, responses=BulkReportSerializer
    )
    def post(self, request: Request) -> Response:
        """Take an action with many devices; the answer has the result for each."""
        user = current_user(request)
        check_permission(user, Permission.MANAGE_DEVICES)
        body = validated_body(request, BulkSerializer)
        names = [name for name in ("ids", "filter", "count") if name in body]
        selection: dict[str, Any] = {name: body.pop(name) for name in names}
        report = devices_act(user=user, actor=current_actor(request), selection=selection, **body)
        return Response(report)
