"""Files that are written while they are sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from django.http import StreamingHttpResponse

from monitoring.models import Device
from monitoring.series import readings_csv
from service_kit.errors import Unavailable

#: Files sent at the same time by one process. Each keeps a thread for as long as its reader takes;
#: the others are for requests.
MAX_AT_ONCE = 3

_free = threading.BoundedSemaphore(MAX_AT_ONCE)


def readings_file(device: Device, begin: datetime, end: datetime) -> StreamingHttpResponse:
    """The readings of [begin, end) as a file, with the memory of a few of them.

    Raises Unavailable while as many files as we send at once are on their way.
    """
    if not _free.acquire(blocking=False):
        raise Unavailable("Too many files are being sent, try again in a few seconds.")
    name = f"readings_{device.device_id}_{_stamp(begin)}_{_stamp(end)}.csv"
    return StreamingHttpResponse(
        _Released(readings_csv(device, begin, end)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"},
    )


def _stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


class _Released:
    """Lines that free their place when the server is done with them, sent or not.

    A generator that was never begun runs no `finally`; the server's `close` always comes.
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
