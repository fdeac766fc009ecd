"""The kinds of channels, and the fields that the channel `main` shares with its device."""

from __future__ import annotations

from django.db import models


class ReadingKind(models.TextChoices):
    """The meaning of a reading: the energy of an interval, or a register."""

    INTERVAL = "interval"
    CUMULATIVE = "cumulative"


class Quantity(models.TextChoices):
    """The quantity that a channel counts: kWh, or m³ of gas and water."""

    ELECTRICITY = "electricity"
    HEAT = "heat"
    COOLING = "cooling"
    GAS = "gas"
    WATER = "water"


class Flow(models.TextChoices):
    """The direction of a channel; energy is never negative inside a channel."""

    CONSUMED = "consumed"
    IMPORTED = "imported"
    EXPORTED = "exported"
    PRODUCED = "produced"
    CHARGED = "charged"
    DISCHARGED = "discharged"


#: Field of the device for each field of its channel `main`.
MAIN_FIELDS = {
    "name": "channel_name",
    "quantity": "quantity",
    "flow": "flow",
    "reading_kind": "reading_kind",
    "interval_seconds": "interval_seconds",
    "register_digits": "register_digits",
    "register_wraps_at": "register_wraps_at",
    "max_power": "max_power_kw",
    "negative_channel": "negative_channel",
}
