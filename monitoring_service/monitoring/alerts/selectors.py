"""Reads of alerts. What is not the user's does not exist for them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from monitoring.devices.visibility import devices_visible
from monitoring.models import Alert
from service_kit.identity.models import KnownUser


def alerts_visible(user: KnownUser) -> QuerySet[Alert]:
    """Alerts of the devices that the user may see."""
    return Alert.objects.filter(device_key__in=devices_visible(user).values("key"))


def alert_get(user: KnownUser, alert_id: int) -> Alert:
    """Raises Http404 for an alert that is not there, or of a device that is not theirs."""
    alert = alerts_visible(user).filter(pk=alert_id).first()
    if alert is None:
        raise Http404
    return alert
