"""What docs/security-checks.md promises to be tested is."""

from __future__ import annotations

import re

from ems_tool.home import ROOT

TEXT = (ROOT / "docs" / "security-checks.md").read_text()
#: The checks that this platform has made its own.
NUMBERS = {*range(1, 21), 23, 24, 25, *range(30, 36), 38, 39}


def test_every_check_has_a_test_and_every_named_test_exists():
    rows = re.findall(r"^\| (\d+) \|.*\| (.*) \|$", TEXT, re.MULTILINE)
    missing = [
        name
        for _, names in rows
        for name in re.findall(r"`([^`]+)`", names)
        if not _exists(*name.split("::"))
    ]

    assert {int(number) for number, _ in rows} == NUMBERS
    assert all("::" in names for _, names in rows)
    assert missing == []


def _exists(path: str, test: str) -> bool:
    file = ROOT / path
    named = re.compile(rf"^(def|class) {test}\(", re.MULTILINE)
    return file.exists() and named.search(file.read_text()) is not None
