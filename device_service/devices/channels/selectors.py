"""Reads of channels for files."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from devices.channel_kinds import MAIN_FIELDS
from devices.models import Channel, Device


def channel_codes(devices: QuerySet[Device]) -> list[str]:
    """Return the codes of the channels besides `main` that any of the devices has."""
    channels = Channel.objects.filter(device__in=devices.order_by())
    return sorted(channels.values_list("code", flat=True).distinct())


def with_channels(devices: QuerySet[Device]) -> QuerySet[Device]:
    """Return the devices with `further_channels`, objects of the channels besides `main`."""
    channels = Channel.objects.filter(device=OuterRef("pk")).order_by("code")
    fields = {name: name for name in ("code", *MAIN_FIELDS)}
    further = channels.values(channel=JSONObject(**fields))
    return devices.annotate(further_channels=ArraySubquery(further))
