"""Single readings that the database cannot store: taken out of their array, and counted."""

from __future__ import annotations

import msgspec
from django.db import transaction

from energy_contracts.errors import ContractError, Reason
from energy_contracts.reading import Reading, RejectedReading, parse_readings
from monitoring.ledger.services import Tally, ledger_add
from service_kit.broker import Rejected


def divide(body: bytes) -> list[bytes]:
    """Return the elements of an array as messages of their own, any other message unchanged."""
    try:
        elements = list(parse_readings(body))
    except Exception:
        # The decoder may be what fails on this message: then the whole message is rejected.
        return [body]
    if len(elements) < 2:
        return [body]
    return [
        # An element that is an array itself would be cut again as a message: it stays in an array.
        msgspec.json.encode(element) if isinstance(element, Reading) else b"[" + element.body + b"]"
        for element in elements
    ]


def record(rejected: Rejected) -> None:
    """Count a message of one reading in the ledger as received and rejected."""
    error = ContractError(Reason(rejected.reason), rejected.detail)
    with transaction.atomic():
        ledger_add(Tally(received=1, rejected=[RejectedReading(rejected.body, error)]))
