"""The two formats of log lines: plain text for people, a JSON object a line for programs.

Both formats remove secrets from every line, because libraries log addresses, headers and rows, too.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

#: Ids by which lines of several processes belong together; given to a logger as `extra`.
IDS = ("message_id", "event_id")


#: Texts that are left out, as (pattern, replacement). The query of a path may hold a token; a
#: database shows the row that breaks a rule, a password's hash included.
_LEFT_OUT = (
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), "[token]"),
    (re.compile(r"((?:Bearer|Basic)\s+)[^\s'\"]+", re.IGNORECASE), r"\1[credentials]"),
    (re.compile(r"(://[^/@\s:]*:)[^/@\s]+(?=@)"), r"\1[password]"),
    (re.compile(r"((?<![\w/])/[^\s?'\"]*)\?[^\s'\"]+"), r"\1?[query]"),
    (re.compile(r"((?:Set-)?Cookie['\"]?: ?)[^\n'\"]+", re.IGNORECASE), r"\1[cookies]"),
    (re.compile(r"(Failing row contains )\(.*?\)\.$", re.DOTALL | re.MULTILINE), r"\1[row]."),
)


def without_secrets(text: str) -> str:
    """Return a log line without tokens, credentials, cookies, queries and rows."""
    for pattern, replacement in _LEFT_OUT:
        text = pattern.sub(replacement, text)
    return text


class LineFormatter(logging.Formatter):
    """One line for each record, for people; a traceback follows below."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line, without secrets."""
        return without_secrets(super().format(record))


class JsonFormatter(logging.Formatter):
    """A record as JSON: `time` (UTC), `level`, `service`, `logger`, `message`, ids, `error`."""

    def __init__(self, service: str) -> None:
        """Name the service in each line."""
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a JSON object."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        for name in ("request_id", "trace_id", *IDS):
            value = getattr(record, name, "-")
            if value != "-":
                line[name] = str(value)
        if record.exc_info:
            line["error"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
