"""Reads of alerts: those of devices that the user may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound

from monitoring.devices.visibility import device_get, devices_visible
from monitoring.models import Alert
from service_kit.access.authentication import Principal
from service_kit.api.ordering import Ordering

LATEST_ALERTS = Ordering.by("-start")


def alert_list(
    *,
    user: Principal,
    device_id: UUID | None = None,
    acknowledged: bool | None = None,
    withdrawn: bool | None = None,
) -> QuerySet[Alert]:
    """Return the alerts that the user may see and that match all filters, the latest hour first.

    Raises NotFound for a device that the user may not see.
    """
    alerts = alerts_visible(user)
    if device_id is not None:
        alerts = alerts.filter(device_key=device_get(user=user, device_id=device_id).key)
    if acknowledged is not None:
        alerts = alerts.filter(acknowledged_at__isnull=not acknowledged)
    if withdrawn is not None:
        alerts = alerts.filter(withdrawn_at__isnull=not withdrawn)
    return LATEST_ALERTS.sort(alerts)


def alerts_visible(user: Principal) -> QuerySet[Alert]:
    """Return the alerts of the devices that the user may see."""
    return Alert.objects.filter(device_key__in=devices_visible(user).values("key"))


def alert_get(*, user: Principal, alert_id: int) -> Alert:
    """Return the alert. Raises NotFound if it does not exist or the user may not see it."""
    alert = alerts_visible(user).filter(pk=alert_id).first()
    if alert is None:
        raise NotFound
    return alert
