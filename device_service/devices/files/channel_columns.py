"""Columns of a file for channels: `<code>.<field>`, such as `export.flow`.

A device is one row, whatever channels it has. It has a channel if a cell below the channel's code
is filled. The columns `main.…` are those fields of `main` that have no column of the device.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from devices.channel_kinds import MAIN_FIELDS
from devices.inventory.services import CHANNEL_FIELDS
from devices.models import MAX_CODE
from energy_contracts.names import MAIN_CHANNEL

_COLUMN = re.compile(rf"([a-z0-9_-]{{1,{MAX_CODE}}})\.({'|'.join(MAIN_FIELDS)})")

#: Fields of the device by the columns of `main`.
MAIN_COLUMNS = {
    f"{MAIN_CHANNEL}.{name}": field
    for name, field in MAIN_FIELDS.items()
    if field in CHANNEL_FIELDS
}


def is_channel_column(column: str) -> bool:
    """Return whether the column belongs to a channel."""
    return _COLUMN.fullmatch(column) is not None


def channel_columns(codes: Iterable[str]) -> list[str]:
    """Return the columns of an export of devices that have channels of these codes."""
    return [*MAIN_COLUMNS, *(f"{code}.{name}" for code in codes for name in MAIN_FIELDS)]


def channel_values(channels: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values of a device's channels by column."""
    return {
        f"{channel['code']}.{name}": channel[name] for channel in channels for name in MAIN_FIELDS
    }


def with_channels(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a row with its cells of channels as the list `channels`."""
    channels: dict[str, dict[str, Any]] = {}
    others = {}
    for column, cell in values.items():
        match = _COLUMN.fullmatch(column)
        if match is None:
            others[column] = cell
        else:
            code, name = match.groups()
            channels.setdefault(code, {"code": code})[name] = cell
    return {**others, "channels": list(channels.values())} if channels else others


def channel_errors(
    detail: Any, channels: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, list[Any]]]:
    """Yield column and messages of each error of a row's channels.

    `detail` has the errors by the position of the channel, or messages about all of them.
    """
    if not isinstance(detail, Mapping):
        yield "channels", detail
        return
    for position, fields in detail.items():
        for name, messages in fields.items():
            yield f"{channels[position]['code']}.{name}", messages
