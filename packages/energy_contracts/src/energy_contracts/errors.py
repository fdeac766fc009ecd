"""Why a message was refused: a code for programs, a sentence for people."""

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
    UNKNOWN_EVENT_TYPE = "unknown_event_type"
    TIMED_OUT = "timed_out"
    HANDLER_FAILED = "handler_failed"
    FOREIGN = "foreign"


class ContractError(ValueError):
    """A message breaks its contract; `reason` is for programs, the text for people."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def contract_error(error: msgspec.MsgspecError) -> ContractError:
    """Translate a decoder's complaint; msgspec tells kinds apart by text only."""
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
