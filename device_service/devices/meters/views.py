"""The routes of a device's meters."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.access.permissions import check_may_manage
from devices.access.selectors import device_get
from devices.log.actors import current_actor
from devices.meters.serializers import MeterSerializer, MetersSerializer, ReplacementSerializer
from devices.meters.services import meter_replace, replacement_undo
from service_kit.api.requests import validated_body
from service_kit.identity.authentication import current_user


class MeterListView(APIView):
    """The meters of one device."""

    @extend_schema(operation_id="devices_meters_list", responses=MetersSerializer)
    def get(self, request: Request, device_id: UUID) -> Response:
        """List the present and the former meters of a device, the first one first."""
        device = device_get(user=current_user(request), device_id=device_id)
        meters = device.all_meters()
        return Response(MetersSerializer({"count": len(meters), "results": meters}).data)

    @extend_schema(
        request=ReplacementSerializer, responses={201: MeterSerializer, 200: MeterSerializer}
    )
    def post(self, request: Request, device_id: UUID) -> Response:
        """Replace the present meter; 200 if the same replacement is stored already."""
        check_may_manage(request, device_id)
        values = validated_body(request, ReplacementSerializer)
        meter, is_new = meter_replace(
            actor=current_actor(request), device_id=device_id, values=values
        )
        return Response(
            MeterSerializer(meter).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )


class MeterView(APIView):
    """One meter of one device."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, device_id: UUID, meter_id: UUID) -> Response:
        """Undo the latest replacement; the meter before is mounted again."""
        check_may_manage(request, device_id)
        replacement_undo(actor=current_actor(request), device_id=device_id, meter_id=meter_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
