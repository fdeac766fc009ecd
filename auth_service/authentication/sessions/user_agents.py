"""The program and system that a User-Agent header names, as people know them.

A browser's header names a dozen programs that it is compatible with. The lists below put each name
before those that it also carries. Unknown programs are named by the first word of their header:
`curl/8.5.0` is curl.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Marks of browsers, and their names.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)

#: Marks of systems, and their names.
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)

#: The name of a program that is no browser, as in `python-requests/2.32`.
_PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,39}")


@dataclass(frozen=True)
class Program:
    """The program that signed in; each text is empty if the header does not name it."""

    name: str
    system: str

    def __str__(self) -> str:
        """Return both as one text, for the security log."""
        return ", ".join(part for part in (self.name, self.system) if part)


def program_of(user_agent: str) -> Program:
    """Return the program of a User-Agent header."""
    system = _first(_SYSTEMS, user_agent)
    if user_agent.startswith("Mozilla/"):
        return Program(_first(_BROWSERS, user_agent), system)
    match = _PROGRAM.match(user_agent)
    return Program(match[0].strip() if match else "", system)


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in names if mark in user_agent), "")
