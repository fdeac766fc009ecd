"""Writes that people make: saying that an alert was seen."""

from __future__ import annotations

from django.utils import timezone

from monitoring.models import Alert
from service_kit.identity.models import KnownUser


def alert_acknowledge(alert: Alert, user: KnownUser) -> None:
    """Remember who saw the alert first; a second acknowledgement changes nothing."""
    unseen = Alert.objects.filter(pk=alert.pk, acknowledged_at=None)
    unseen.update(acknowledged_at=timezone.now(), acknowledged_by=user.id)
    alert.refresh_from_db(fields=["acknowledged_at", "acknowledged_by"])
