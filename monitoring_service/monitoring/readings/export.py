"""Files of raw readings, written while they are sent."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection
from django.http import StreamingHttpResponse

from energy_contracts.names import MAIN_CHANNEL
from energy_contracts.units import MILLIWH_PER_KWH
from monitoring.api.instants import iso
from monitoring.calendar.clock import INSTANT
from monitoring.devices.channels import DeviceChannel
from service_kit.api.errors import Unavailable

#: Raw readings fetched at once for a file.
ROWS_AT_ONCE = 10_000


def readings_csv(channel: DeviceChannel, begin: datetime, end: datetime) -> Iterator[str]:
    """Yield the raw readings of [begin, end) as lines of CSV, the oldest first, in pieces.

    Each piece is a short query by the primary key. One query for all would hold a transaction open
    as long as a slow client reads, and block vacuum and changes of the table.
    """
    yield "timestamp,measurement_value,revision,channel,unit\r\n"
    after = begin - INSTANT
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT started_at, value_milliwh, revision FROM reading
                WHERE device_key = %s AND started_at > %s AND started_at < %s
                ORDER BY started_at LIMIT %s
                """,
                [channel.key, after, end, ROWS_AT_ONCE],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        text = io.StringIO()
        csv.writer(text).writerows(
            (iso(started_at), decimal_kwh(value), revision, channel.code, channel.unit)
            for started_at, value, revision in rows
        )
        yield text.getvalue()
        after = rows[-1][0]


def decimal_kwh(energy_milliwh: int) -> str:
    """Return the energy in kWh, or the volume in m³, as a plain decimal.

    An exponent such as 1e-06 would be text to some spreadsheets.
    """
    whole, rest = divmod(energy_milliwh, MILLIWH_PER_KWH)
    return f"{whole}.{rest:06}".rstrip("0") if rest else str(whole)


#: Files sent at the same time by one process. Each occupies a thread as long as its client reads;
#: the other threads are for requests.
MAX_AT_ONCE = 3

_free = threading.BoundedSemaphore(MAX_AT_ONCE)


def readings_file(channel: DeviceChannel, begin: datetime, end: datetime) -> StreamingHttpResponse:
    """Return the answer that streams the readings of [begin, end) as a file.

    It holds `ROWS_AT_ONCE` readings in memory at a time. Raises Unavailable while the process sends
    `MAX_AT_ONCE` files.
    """
    if not _free.acquire(blocking=False):
        raise Unavailable("Too many files are being sent, try again in a few seconds.")
    # The name of the channel `main` is the one that programs know.
    suffix = "" if channel.code == MAIN_CHANNEL else f"_{channel.code}"
    name = f"readings_{channel.device_id}{suffix}_{_stamp(begin)}_{_stamp(end)}.csv"
    return StreamingHttpResponse(
        _Released(readings_csv(channel, begin, end)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"},
    )


def _stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


class _Released:
    """The lines of a file; the server's close of the answer frees the place of the download.

    The server always calls `close`. The `finally` of a generator that was never begun does not run.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._held = True

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def close(self) -> None:
        if self._held:
            self._held = False
            _free.release()
