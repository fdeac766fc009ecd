"""Read a recorded meter's CSV file: each row becomes a reading, or a reason why it cannot be one.

A row is never repaired. A rounded value, a guessed time zone or a guessed summer hour would put
wrong energy into right-looking hours.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from device_simulator.readings import MWH_PER_KWH, Reading, ValueRefused, value_to_mwh

#: Milliwatt-hours in one unit of the value column.
UNITS = {"wh": 1_000, "kwh": MWH_PER_KWH}

# Nine to eleven digits: 1973 to 5138. Fewer are a date without separators, more are milliseconds.
# Some loggers write a plus sign now and then.
_EPOCH_SECONDS = re.compile(r"\+?(\d{9,11})(?:\.(\d{1,6}))?", re.ASCII)
_GZIP_MAGIC = b"\x1f\x8b"


class ColumnError(ValueError):
    """The columns or the time zone do not fit the file; nothing was read."""


class RowRefused(ValueError):
    """One row cannot be sent; the message says why."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is not sent."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class RecordingFormat:
    """How to read the file."""

    timestamp_column: str
    value_column: str
    """A header, or the number of the column counted from 1."""
    unit: str
    """A key of UNITS."""
    zone: ZoneInfo | None = None
    """Zone of timestamps that carry no offset; without it such rows are refused."""
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class _Columns:
    timestamp: int
    value: int


class Recording:
    """An opened recording; `rows` can be walked once."""

    def __init__(self, source: BinaryIO, size: int, form: RecordingFormat, device_id: str) -> None:
        self._source = source
        self._size = size
        self._form = form
        self._device_id = device_id
        self._mwh_per_unit = UNITS[form.unit]
        self._reader = csv.reader(_text_of(source), delimiter=form.delimiter, strict=True)
        self._first_row: list[str] | None = None
        self._columns = self._find_columns()
        self._refuse_without_zone()

    def read_share(self) -> float:
        """Share of the file that has been read, 0 to 1."""
        return self._source.tell() / self._size if self._size else 1.0

    def rows(self) -> Iterator[Reading | Skipped]:
        """Every row but the header, in the file's order. Blank lines are no rows."""
        if self._first_row is not None:
            yield self._row(self._first_row)
        while True:
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Skipped(self._reader.line_num, f"not readable as CSV: {error}")
                continue
            if cells:
                yield self._row(cells)

    def _row(self, cells: list[str]) -> Reading | Skipped:
        try:
            return Reading(
                timestamp=parse_timestamp(_cell(cells, self._columns.timestamp), self._form.zone),
                device_id=self._device_id,
                value_mwh=value_to_mwh(_cell(cells, self._columns.value), self._mwh_per_unit),
            )
        except (RowRefused, ValueRefused) as error:
            return Skipped(self._reader.line_num, str(error))

    def _find_columns(self) -> _Columns:
        first = self._next_filled()
        if first is None:
            raise ColumnError("the file is empty")
        form = self._form
        columns = _Columns(
            timestamp=_column_index("--timestamp-column", form.timestamp_column, first),
            value=_column_index("--value-column", form.value_column, first),
        )
        if not (form.timestamp_column.isdigit() and form.value_column.isdigit()):
            return columns
        # Both columns by number: the first row is a header only when neither cell can be data.
        if _is_data(first[columns.timestamp]) or _is_number(first[columns.value]):
            self._first_row = first
        return columns

    def _next_filled(self) -> list[str] | None:
        try:
            return next((cells for cells in self._reader if cells), None)
        except csv.Error as error:
            raise ColumnError(f"line {self._reader.line_num} is not CSV: {error}") from None

    def _refuse_without_zone(self) -> None:
        """Without an offset or a zone nothing can be sent: say it once, before anything is."""
        if self._form.zone is not None:
            return
        if self._first_row is None:
            self._first_row = self._next_filled()
        if self._first_row is None:
            return
        cell = _cell_or_empty(self._first_row, self._columns.timestamp)
        if _is_local(cell):
            raise ColumnError(
                f"--timezone: is needed, because {cell!r} has no offset; allowed: an IANA zone "
                "such as Europe/Amsterdam or UTC (it may be left out only for timestamps with an "
                "offset and for seconds since 1970)"
            )


@contextmanager
def open_recording(path: Path, form: RecordingFormat, device_id: str) -> Iterator[Recording]:
    """Open a CSV file, gzip-compressed or not. Raises OSError and ColumnError."""
    with path.open("rb") as source:
        yield Recording(source, path.stat().st_size, form, device_id)


def parse_timestamp(text: str, zone: ZoneInfo | None) -> datetime:
    """The instant, in UTC, that a cell names. Raises RowRefused."""
    text = text.strip()
    if epoch := _EPOCH_SECONDS.fullmatch(text):
        seconds, fraction = epoch.group(1), epoch.group(2) or ""
        return datetime.fromtimestamp(int(seconds), UTC) + timedelta(
            microseconds=int(fraction.ljust(6, "0"))
        )
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RowRefused("timestamp is not understood") from None
    if moment.tzinfo is None:
        if zone is None:
            raise RowRefused("timestamp has no offset and no --timezone was given")
        moment = _local(moment, zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise RowRefused("timestamp is not understood") from None


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A wall-clock time of the zone; refused when a clock change makes it none or two instants."""
    first, second = moment.replace(tzinfo=zone), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment
    if exists:
        raise RowRefused("local time happened twice when the clock was set back")
    raise RowRefused("local time never happened: the clock was set forward")


def _text_of(source: BinaryIO) -> io.TextIOWrapper:
    # A character that is not UTF-8 matters only inside the two columns, and is refused there.
    head = source.read(len(_GZIP_MAGIC))
    source.seek(0)
    binary = gzip.GzipFile(fileobj=source) if head == _GZIP_MAGIC else source
    return io.TextIOWrapper(binary, encoding="utf-8-sig", errors="replace", newline="")


def _column_index(argument: str, wanted: str, first_row: list[str]) -> int:
    if wanted.isdigit():
        if not 1 <= int(wanted) <= len(first_row):
            raise ColumnError(
                f"{argument}: {wanted} is not a column; allowed: 1 to {len(first_row)}"
            )
        return int(wanted) - 1
    headers = [header.strip() for header in first_row]
    found = headers.count(wanted.strip())
    if found == 1:
        return headers.index(wanted.strip())
    listed = "; ".join(f"{number}: {header}" for number, header in enumerate(headers, start=1))
    problem = "is not a header" if found == 0 else f"is the header of {found} columns"
    raise ColumnError(
        f'{argument}: "{wanted}" {problem}; allowed: a header or a number of {listed}'
    )


def _cell(cells: list[str], index: int) -> str:
    if index >= len(cells):
        raise RowRefused(f"row has no column {index + 1}")
    if not cells[index].strip():
        raise RowRefused(f"column {index + 1} is empty")
    return cells[index]


def _cell_or_empty(cells: list[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _is_local(text: str) -> bool:
    try:
        return (
            not _EPOCH_SECONDS.fullmatch(text.strip())
            and datetime.fromisoformat(text.strip()).tzinfo is None
        )
    except ValueError:
        return False


def _is_data(text: str) -> bool:
    try:
        parse_timestamp(text, ZoneInfo("UTC"))
    except RowRefused:
        return False
    return True


def _is_number(text: str) -> bool:
    try:
        value_to_mwh(text, MWH_PER_KWH)
    except ValueRefused:
        return False
    return True
