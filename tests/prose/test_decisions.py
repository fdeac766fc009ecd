"""Every architecture decision has the headings of the template, and a line in the index."""

from __future__ import annotations

import re

import pytest

from .glossary import ROOT

FOLDER = ROOT / "docs" / "adr"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))


def headings(text: str) -> list[str]:
    return re.findall(r"^## (.*)$", text, re.MULTILINE)


TEMPLATE = headings((FOLDER / "template.md").read_text())


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_the_headings_of_the_template(path):
    assert headings(path.read_text()) == TEMPLATE


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_text_below_each_heading(path):
    sections = re.split(r"^## .*$", path.read_text(), flags=re.MULTILINE)

    assert all(section.strip() for section in sections)


def test_the_numbers_of_decisions_have_no_gap():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_the_index_lists_a_decision_by_its_title(path):
    title = path.read_text().splitlines()[0].removeprefix("# ").split(". ", 1)[1]

    assert f"[{int(path.name[:4])}]({path.name}) | {title} |" in (FOLDER / "README.md").read_text()
