"""Rules for new user names: one script, a letter or digit at both ends, no look-alike.

Two names look alike if their skeletons are equal (Unicode TR 39): every character is replaced by
the prototype of all characters that look like it. The data come from `confusable-homoglyphs` (MIT,
1 MB, one file of Python; packaged by Debian, Alpine and FreeBSD, whose maintainer adopted it).
PyICU's SpoofChecker would need a compiler and 35 MB of ICU in the image, `confusables` carries
Unicode's table of 2020, and `confusable` calls itself unfit for production. A new version of the
data needs a migration that computes the stored skeletons again.
"""

from __future__ import annotations

import hashlib
import unicodedata

from confusable_homoglyphs.categories import unique_aliases
from confusable_homoglyphs.confusables import confusables_data
from rest_framework.exceptions import ValidationError

#: Scripts that are written together: Japanese, Korean, and Chinese with its phonetic letters, each
#: with Latin (the level "highly restrictive" of TR 39).
_WRITTEN_TOGETHER = (
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "HANGUL"},
    {"LATIN", "HAN", "BOPOMOFO"},
)
#: Digits and signs, and accents: they belong to every script.
_NO_SCRIPT = {"COMMON", "INHERITED"}


def _prototypes() -> dict[str, str]:
    """Return the prototype of each character that looks like another.

    The library lists pairs in both directions: a prototype has all its look-alikes, a look-alike
    its one prototype. Marks of direction around letters of Hebrew and Arabic are no part of them.
    """
    pairs = {
        _bare(text): [_bare(entry["c"]) for entry in entries]
        for text, entries in confusables_data.items()
    }
    prototypes = {}
    for text, others in pairs.items():
        if len(text) == 1 and len(others) == 1:
            (other,) = others
            # Of two that have only each other, the same one is taken from both sides.
            alone = len(other) == 1 and pairs.get(other) == [text]
            prototypes[text] = min(text, other) if alone else other
    return prototypes


def _bare(text: str) -> str:
    return text.replace("\N{LEFT-TO-RIGHT MARK}", "")


_PROTOTYPES = _prototypes()


def username_skeleton(username: str) -> str:
    """Return a hash that is equal for all names that look alike, in any case of letters.

    A hash, because a name of 150 syllables would be too long for an index.
    """
    skeleton = _mapped(_mapped(username).casefold())
    # A capital I looks like an l, a small one does not: only as one letter do both cases of a
    # Latin name look like the same names.
    return hashlib.sha256(skeleton.replace("i", "l").encode()).hexdigest()


def _mapped(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    replaced = "".join(_PROTOTYPES.get(character, character) for character in decomposed)
    return unicodedata.normalize("NFD", replaced)


def check_new_username(username: str) -> None:
    """Raise ValidationError for a name that no new account may have; older accounts keep theirs."""
    if not (username[:1].isalnum() and username[-1:].isalnum()):
        raise ValidationError(
            {"username": [f'"{username}" must begin and end with a letter or a digit.']},
            code="username_ends",
        )
    scripts = unique_aliases(username) - _NO_SCRIPT
    if len(scripts) > 1 and not any(scripts <= together for together in _WRITTEN_TOGETHER):
        named = " and ".join(script.capitalize() for script in sorted(scripts))
        raise ValidationError(
            {"username": [f'"{username}" mixes letters of {named}. Use those of one script.']},
            code="username_mixed_scripts",
        )
