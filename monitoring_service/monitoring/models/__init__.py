"""Tables of the service, divided by subject; the rest of the service imports them from here."""

from __future__ import annotations

from monitoring.models.alerts import Alert, ConsumptionLimit
from monitoring.models.dead_letters import DeadLetterDiscard, DeadLetterReplay
from monitoring.models.devices import (
    READING_KINDS,
    RULES_VERSION,
    Assignment,
    Channel,
    Device,
    Meter,
    Mount,
)
from monitoring.models.held import HeldDecision, HeldJump
from monitoring.models.ledger import LedgerMinute, LedgerRejection
from monitoring.models.readings import CarriedRegister, Hour, Reading, RemovedReading, Span

__all__ = (
    "READING_KINDS",
    "RULES_VERSION",
    "Alert",
    "Assignment",
    "CarriedRegister",
    "Channel",
    "ConsumptionLimit",
    "DeadLetterDiscard",
    "DeadLetterReplay",
    "Device",
    "HeldDecision",
    "HeldJump",
    "Hour",
    "LedgerMinute",
    "LedgerRejection",
    "Meter",
    "Mount",
    "Reading",
    "RemovedReading",
    "Span",
)
