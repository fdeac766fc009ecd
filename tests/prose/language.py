"""Find words, names and sentences that docs/glossary.md bans."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from . import sources
from .glossary import ROOT, banned, pattern_of

#: A sentence whose subject has no antecedent; a question may begin so.
_RELATIVE = re.compile(
    r"(?:^|[.:;!?]\s+|\n\n)[\s*#|>\"'-]*((?:What|Who|Whoever|Whose|Whom|Whatever)\b[^.!?]*[.!?\n]?)"
)
#: A value in quotes: it belongs to an interface.
_QUOTES = ('""', "''", "``")


def problems(path: Path) -> list[str]:
    """Return what is wrong with the language of a file, one line for each place."""
    places = [*_words(path), *_names(path), *_openings(path)]
    name = path.relative_to(ROOT)
    return [f"{name}:{line}: {complaint}" for line, complaint in sorted(places)]


@cache
def _word_rules() -> list[tuple[re.Pattern[str], str, tuple[str, ...]]]:
    return [
        (pattern_of(word), f"{word} → {row.instead}", row.stays)
        for row in banned("Banned words")
        for word in row.words
    ]


@cache
def _name_rules() -> dict[str, str]:
    return {word: row.instead for row in banned("Banned names") for word in row.words}


@cache
def _any_word() -> re.Pattern[str]:
    """Return a pattern of all banned words: most files have none, and one search shows it."""
    return re.compile("|".join(rule.pattern for rule, _, _ in _word_rules()), re.IGNORECASE)


def _words(path: Path) -> Iterator[tuple[int, str]]:
    text = sources.text_of(path)
    if _any_word().search(text) is None:
        return
    for pattern, complaint, stays in _word_rules():
        for match in pattern.finditer(text):
            if not _may_stay(text, match, stays):
                yield text.count("\n", 0, match.start()) + 1, complaint


def _may_stay(text: str, match: re.Match[str], stays: tuple[str, ...]) -> bool:
    start, end = match.span()
    if text[start - 1 : start] + text[end : end + 1] in _QUOTES:
        return True
    for allowed in stays:
        reach = len(allowed)
        place = text.find(allowed, max(0, start - reach), end + reach)
        if place != -1 and place <= start and end <= place + reach:
            return True
    return False


def _names(path: Path) -> Iterator[tuple[int, str]]:
    rules = _name_rules()
    for place in sources.names(path):
        bare = place.text.strip("_").lower()
        if bare in rules:
            yield place.line, f"name {place.text} → {rules[bare]}"


def _openings(path: Path) -> Iterator[tuple[int, str]]:
    for place in sources.sentences(path):
        for match in _RELATIVE.finditer(place.text):
            if not match[1].endswith("?"):
                line = place.line + place.text.count("\n", 0, match.start(1))
                yield line, f"a sentence that begins with {match[1].split()[0]}"


def main(names: list[str]) -> int:
    """Print the problems below some paths, of all files if none is given."""
    chosen = [Path(name).resolve() for name in names] or [ROOT]
    complaints = [
        complaint
        for path in sources.files()
        if any(path.is_relative_to(each) for each in chosen)
        for complaint in problems(path)
    ]
    print(*complaints, sep="\n")
    print(f"{len(complaints)} places", file=sys.stderr)
    return 1 if complaints else 0
