"""Reasons for which a message is rejected: a code for programs, a sentence for people."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Reason(StrEnum):
    """Codes in the reason header of a dead letter; never renamed, only added."""

    NOT_JSON = "not_json"
    WRONG_SHAPE = "wrong_shape"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    INVALID_TIMESTAMP = "invalid_timestamp"
    OUT_OF_RANGE = "out_of_range"
    IN_FUTURE = "in_future"
    TOO_OLD = "too_old"
    TOO_LARGE = "too_large"
    TOO_MANY_READINGS = "too_many_readings"
    DEVICE_DELETED = "device_deleted"
    DEVICE_RETIRED = "device_retired"
    CONFLICT = "conflict"
    IMPLAUSIBLE = "implausible"
    UNKNOWN_READING_KIND = "unknown_reading_kind"
    UNKNOWN_CHANNEL = "unknown_channel"
    #: Of releases before contracts were tolerant; their dead letters may still be in a queue.
    UNKNOWN_EVENT_TYPE = "unknown_event_type"
    TIMED_OUT = "timed_out"
    HANDLER_FAILED = "handler_failed"
    FOREIGN = "foreign"


class ContractError(ValueError):
    """A message breaks its contract; `reason` is for programs, the text for people."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep reason and text for the header of a dead letter."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class UnknownEventType(Exception):
    """A sound event of a newer sender; the receiver acknowledges it without handling it."""

    def __init__(self, event_type: str) -> None:
        """Keep the type, which the receiver counts."""
        super().__init__(event_type)
        self.event_type = event_type


def contract_error(error: msgspec.MsgspecError) -> ContractError:
    """Return the ContractError for a decoder's error, by the text of that error."""
    text = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return ContractError(Reason.NOT_JSON, text)
    if "missing required field" in text:
        return ContractError(Reason.MISSING_FIELD, text)
    if "out of range" in text or "<=" in text or ">=" in text:
        return ContractError(Reason.OUT_OF_RANGE, text)
    if "RFC3339" in text or "`datetime` with a timezone" in text:
        return ContractError(Reason.INVALID_TIMESTAMP, text)
    if text.startswith("Expected `object`"):
        return ContractError(Reason.WRONG_SHAPE, text)
    return ContractError(Reason.WRONG_TYPE, text)
