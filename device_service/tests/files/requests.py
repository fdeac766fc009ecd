"""Requests of files, for the tests of both directions."""

from __future__ import annotations

import csv
from io import StringIO

from devices.models import Device, LogEntry

from ..world import outbox

URL = "/api/devices/"
HEADER = "name,device_type,serial_number"


def send(client, text: str | bytes, query: str = ""):
    body = text if isinstance(text, bytes) else text.encode()
    return client.post(f"{URL}import/{query}", body, content_type="text/csv")


def exported(client, query: str = "") -> list[dict]:
    answer = client.get(f"{URL}export/{query}")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline="")))


def nothing_was_stored() -> bool:
    return not Device.objects.exists() and not LogEntry.objects.exists() and not outbox()
