"""HTTP for alerts: list them, acknowledge one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring.alerts.selectors import alert_get, alerts_visible
from monitoring.alerts.serializers import AlertFilter, AlertSerializer
from monitoring.alerts.services import alert_acknowledge
from monitoring.api.requests import asking, query
from monitoring.devices.selectors import devices_by_key
from monitoring.devices.visibility import device_get
from monitoring.models import Alert
from service_kit.keyset import page_of
from service_kit.ordering import Ordering

#: The order of alerts: the latest hour first.
LATEST_ALERTS = Ordering.by("-start")


class AlertsView(APIView):
    """Alerts of my devices, the latest hour first."""

    @extend_schema(parameters=[AlertFilter], responses=AlertSerializer(many=True))
    def get(self, request: Request) -> Response:
        asked = query(request, AlertFilter)
        user = asking(request)
        alerts = alerts_visible(user)
        if "device_id" in asked:
            alerts = alerts.filter(device_key=device_get(user, asked["device_id"]).key)
        for name in ("acknowledged", "withdrawn"):
            if asked[name] is not None:
                alerts = alerts.filter(**{f"{name}_at__isnull": not asked[name]})
        page = page_of(alerts, request, LATEST_ALERTS, alerts.count)
        return Response(page.answer(shown_alerts(page.rows)))


class AcknowledgeView(APIView):
    """Say that an alert was seen; saying it again changes nothing."""

    @extend_schema(request=None, responses=AlertSerializer)
    def post(self, request: Request, alert_id: int) -> Response:
        user = asking(request)
        alert = alert_get(user, alert_id)
        alert_acknowledge(alert, user)
        return Response(shown_alerts([alert])[0])


def shown_alerts(alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """Alerts with their devices' names, in one query more."""
    devices = devices_by_key({alert.device_key for alert in alerts})
    shown = AlertSerializer(alerts, many=True, context={"devices": devices})
    return cast(list[dict[str, Any]], shown.data)
