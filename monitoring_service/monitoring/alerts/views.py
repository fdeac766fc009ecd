"""HTTP for alerts: list them, acknowledge one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring.alerts.selectors import alert_get, alert_list
from monitoring.alerts.serializers import AlertFilter, AlertSerializer
from monitoring.alerts.services import alert_acknowledge
from monitoring.devices.channels import channels_by_key
from monitoring.models import Alert
from service_kit.access.permissions import HasPermission, Permission
from service_kit.api.requests import current_user, validated_query


class AlertsView(GenericAPIView[Alert]):
    """List the alerts of the user's devices, the latest hour first."""

    @extend_schema(parameters=[AlertFilter], responses=AlertSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the alerts of the devices that the user may see, the latest hour first."""
        filters = validated_query(request, AlertFilter)
        alerts = alert_list(user=current_user(request), **filters)
        page = cast(list[Alert], self.paginate_queryset(alerts))
        return self.get_paginated_response(serialized_alerts(page))


class AcknowledgeView(APIView):
    """Acknowledge an alert; a repetition changes nothing."""

    permission_classes = (HasPermission(Permission.ACKNOWLEDGE_ALERTS),)

    @extend_schema(request=None, responses=AlertSerializer)
    def post(self, request: Request, alert_id: int) -> Response:
        """Mark an alert as seen; a repetition changes nothing."""
        user = current_user(request)
        alert = alert_get(user=user, alert_id=alert_id)
        alert_acknowledge(alert, user)
        return Response(serialized_alerts([alert])[0])


def serialized_alerts(alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """Return the alerts as JSON values, with the names of their devices from further queries."""
    channels = channels_by_key({alert.device_key for alert in alerts})
    serializer = AlertSerializer(alerts, many=True, context={"channels": channels})
    return cast(list[dict[str, Any]], serializer.data)
