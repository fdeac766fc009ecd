"""Read the examples out of the documents, run them, and compare the answers with those shown."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .installation import ROOT

API = (ROOT / "API_DOCUMENTATION.md").read_text()
README = (ROOT / "README.md").read_text()

_HEADING = re.compile(r"^(#{2,4}) (.+)$")
_ROUTE = re.compile(r"^`([A-Z]+ /\S+)`$")
_STATUS = re.compile(r"^(\d{3})\b")
#: How the command line tool is called by an example; the status follows the answer.
_CURL = """
set -euo pipefail
curl() { command curl --silent --show-error --max-time 30 --write-out '\\n%{http_code}' "$@"; }
"""


@dataclass(frozen=True)
class Block:
    """A fenced block and the last headings above it."""

    section: str
    heading: str
    language: str
    text: str


@dataclass(frozen=True)
class Example:
    """One request as documented: the command, and the status and answer that are shown."""

    section: str
    route: str
    status: int
    command: str
    language: str
    answer: str

    def __str__(self) -> str:
        return f"{self.section}: {self.route} ({self.status})"


def blocks(text: str) -> list[Block]:
    """Return every fenced block of a document."""
    result, section, heading, lines = [], "", "", None
    language = ""
    for line in text.splitlines():
        if lines is not None:
            if line.startswith("```"):
                result.append(Block(section, heading, language, "\n".join(lines)))
                lines = None
            else:
                lines.append(line)
        elif line.startswith("```"):
            language, lines = line.removeprefix("```"), []
        elif match := _HEADING.match(line):
            heading = match[2]
            section = heading if match[1] == "##" else section
    return result


def examples(text: str) -> list[Example]:
    """Return every documented request, in the order of the document."""
    result = []
    for part in re.split(r"^(?=#{2,4} )", text, flags=re.MULTILINE):
        title, _, rest = part.partition("\n")
        if title.startswith("## "):
            section = title.removeprefix("## ")
        route = _ROUTE.match(title.removeprefix("#### "))
        if not route:
            continue
        inside = blocks(rest)
        status = _STATUS.match(rest)
        assert status is not None, f"{title}: the line below must begin with the status"
        commands = [block.text for block in inside if block.language == "sh"]
        assert len(commands) == 1, f"{title}: one command, not {len(commands)}"
        answers = [block for block in inside if block.language in ("json", "csv")]
        answer = (answers[0].language, answers[0].text) if answers else ("", "")
        result.append(Example(section, route[1], int(status[1]), commands[0], *answer))
    return result


def run(command: str, environment: dict[str, str], folder: Path) -> tuple[int, str]:
    """Return the status and the body with which the platform answers a documented command."""
    done = subprocess.run(
        ["bash", "-c", _CURL + command],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def differences(documented: Any, got: Any, where: str = "$") -> list[str]:
    """Return the differences in shape between a documented and an actual answer.

    Fields and types count, not values; of a list its first element. Nothing (null, an empty list)
    says nothing about a type. A field "…" represents fields that are shown elsewhere.
    """
    if documented is None or got is None:
        return []
    if isinstance(documented, dict) and isinstance(got, dict):
        faults = [f"{where}: {name} is shown, not there" for name in documented.keys() - got.keys()]
        if "…" in documented:
            faults.remove(f"{where}: … is shown, not there")
        else:
            faults += [
                f"{where}: {name} is there, not shown" for name in got.keys() - documented.keys()
            ]
        for name in documented.keys() & got.keys():
            faults += differences(documented[name], got[name], f"{where}.{name}")
        return faults
    if isinstance(documented, list) and isinstance(got, list):
        return differences(documented[0], got[0], f"{where}[0]") if documented and got else []
    kinds = [
        "number" if type(value) in (int, float) else type(value).__name__
        for value in (documented, got)
    ]
    return [] if kinds[0] == kinds[1] else [f"{where}: a {kinds[0]} is shown, it is a {kinds[1]}"]


def mismatches(example: Example, status: int, body: str) -> list[str]:
    """Return the differences between an answer and its document."""
    if status != example.status:
        return [f"status {example.status} is shown, {status} came: {body[:300]}"]
    if example.language == "csv":
        # A file begins with the mark by which spreadsheets know UTF-8.
        header, came = (text.splitlines()[0].lstrip("\ufeff") for text in (example.answer, body))
        return [] if header == came else [f"columns {header!r} are shown, {came!r} came"]
    if not example.answer:
        return [] if not body.strip() else [f"no answer is shown, {body[:300]} came"]
    return differences(json.loads(example.answer), json.loads(body))
