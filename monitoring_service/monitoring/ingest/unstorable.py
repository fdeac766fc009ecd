"""Readings that fail whatever is tried: taken out of their array, and accounted for."""

from __future__ import annotations

import msgspec
from django.db import transaction

from energy_contracts.errors import ContractError, Reason
from energy_contracts.reading import Reading, RejectedReading, parse_readings
from monitoring.ledger.services import Account, Counts, add_to_ledger
from service_kit.broker import Rejected


def divide(body: bytes) -> list[bytes]:
    """Return the elements of an array as messages of their own, any other message as it is."""
    try:
        elements = list(parse_readings(body))
    except Exception:
        # That it cannot be read may be what brought it here: then it is rejected whole.
        return [body]
    if len(elements) < 2:
        return [body]
    return [
        # An element that is an array itself is no message: it stays within one.
        msgspec.json.encode(one) if isinstance(one, Reading) else b"[" + one.body + b"]"
        for one in elements
    ]


def record(rejected: Rejected) -> None:
    """Count a message of one reading in the ledger as received and rejected."""
    error = ContractError(Reason(rejected.reason), rejected.detail)
    with transaction.atomic():
        add_to_ledger(Account(Counts(received=1), [RejectedReading(rejected.body, error)]))
