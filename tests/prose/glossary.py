"""Read the tables of docs/glossary.md: the words of the project, and the words it does not use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"

_CODE = re.compile(r"`([^`]+)`")
#: Between two words of a phrase: spaces, the underscores of a name, or a new line of a comment.
_GAP = r"[\s_]+(?:(?:#:?|//|\*)\s+)?"


@dataclass(frozen=True)
class Banned:
    """A row of a table of banned words."""

    words: tuple[str, ...]
    instead: str
    #: Texts in which the word may stay: values that other programs read, terms of the field.
    stays: tuple[str, ...]


def code(cell: str) -> list[str]:
    """Return the texts in backquotes of a cell."""
    return _CODE.findall(cell)


def rows(heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the table below a heading of the glossary."""
    section = GLOSSARY.read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def banned(heading: str) -> list[Banned]:
    """Return the rows of a table of banned words."""
    return [
        Banned(tuple(code(words)), instead, tuple(code(stays)))
        for words, instead, stays in rows(heading)
    ]


def pattern_of(phrase: str) -> re.Pattern[str]:
    """Return a pattern of a word or phrase; underscores and digits end a word as spaces do."""
    words = _GAP.join(map(re.escape, phrase.split()))
    return re.compile(rf"(?<![A-Za-z]){words}(?![A-Za-z])", re.IGNORECASE)
