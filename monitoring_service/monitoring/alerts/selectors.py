"""Reads of alerts: those of devices that the user may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound

from monitoring.devices.channels import keys_among
from monitoring.devices.visibility import (
    channel_get,
    channels_get,
    channels_visible,
    devices_visible,
)
from monitoring.models import Alert
from service_kit.access.authentication import Principal
from service_kit.api.ordering import Ordering

LATEST_ALERTS = Ordering.by("-start")


def alert_list(
    *,
    user: Principal,
    device_id: UUID | None = None,
    channel: str | None = None,
    acknowledged: bool | None = None,
    withdrawn: bool | None = None,
) -> QuerySet[Alert]:
    """Return the alerts that the user may see and that match all filters, the latest hour first.

    Raises NotFound for a device that the user may not see, or a channel that it does not have.
    """
    if device_id is None:
        alerts = alerts_visible(user, channel)
    elif channel is None:
        keys = [each.key for each in channels_get(user=user, device_id=device_id)]
        alerts = Alert.objects.filter(device_key__in=keys)
    else:
        key = channel_get(user=user, device_id=device_id, code=channel).key
        alerts = Alert.objects.filter(device_key=key)
    if acknowledged is not None:
        alerts = alerts.filter(acknowledged_at__isnull=not acknowledged)
    if withdrawn is not None:
        alerts = alerts.filter(withdrawn_at__isnull=not withdrawn)
    return LATEST_ALERTS.sort(alerts)


def alerts_visible(user: Principal, code: str | None = None) -> QuerySet[Alert]:
    """Return the alerts of the devices that the user may see, of one channel of each if given."""
    devices, channels = devices_visible(user), channels_visible(user)
    return Alert.objects.filter(keys_among(devices, channels, code))


def alert_get(*, user: Principal, alert_id: int) -> Alert:
    """Return the alert. Raises NotFound if it does not exist or the user may not see it."""
    alert = alerts_visible(user).filter(pk=alert_id).first()
    if alert is None:
        raise NotFound
    return alert
