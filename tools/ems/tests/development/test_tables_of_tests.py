"""Every line of the tables of checks and of faults names tests that exist."""

from __future__ import annotations

import re

import pytest

from ems_tool.configuration.home import ROOT

#: The numbered lines that each table must have.
TABLES = {
    "security-checks.md": {*range(1, 21), *range(22, 28), *range(30, 36), 38, 39},
    "faults.md": {*range(1, 37)},
}


@pytest.mark.parametrize("name", TABLES)
def test_every_line_has_a_test_and_every_named_test_exists(name: str):
    text = (ROOT / "docs" / name).read_text()
    rows = re.findall(r"^\| (\d+) \|.*\| (.*) \|$", text, re.MULTILINE)
    missing = [
        test
        for _, tests in rows
        for test in re.findall(r"`([^`]+)`", tests)
        if not _exists(*test.split("::"))
    ]

    numbers = [int(number) for number, _ in rows]
    assert TABLES[name] <= set(numbers)
    assert len(numbers) == len(set(numbers))
    assert all("::" in tests for _, tests in rows)
    assert missing == []


def _exists(path: str, test: str) -> bool:
    file = ROOT / path
    named = re.compile(rf"^(def|class) {test}\(", re.MULTILINE)
    return file.exists() and named.search(file.read_text()) is not None
