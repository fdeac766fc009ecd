"""How log lines look: for people one line each, for machines one JSON object each."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

#: Ids by which lines of several processes belong together; given to a logger as `extra`.
IDS = ("message_id", "event_id")


class JsonFormatter(logging.Formatter):
    """One object a line: `time` (UTC), `level`, `service`, `logger`, `message`, ids, `error`."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("request_id", "trace_id", *IDS):
            found = getattr(record, name, "-")
            if found != "-":
                line[name] = str(found)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
