"""Passwords: what is hashed, what matches, and which ones nobody may choose.

Ä is one character or two (A and the dots), depending on the keyboard. Passwords are hashed in the
composed form (NFC, as RFC 8265 has it), so that both forms are one password. Nothing else about
them is changed: blanks and case count.
"""

from __future__ import annotations

import unicodedata

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError

from authentication.models import User


def password_hash(password: str) -> str:
    """Return what is kept of a new password."""
    return make_password(unicodedata.normalize("NFC", password))


def password_matches(user: User | None, password: str) -> bool:
    """Return whether it is the user's password; no user takes as long as a wrong password.

    Accounts from before passwords were composed may have the hash of the other form.
    """
    forms = dict.fromkeys([unicodedata.normalize("NFC", password), password])
    for form in forms:
        if user is None:
            make_password(form)
        elif user.check_password(form):
            return True
    return False


class NotBlankValidator:
    """Rejects what nobody sees: a password of blanks alone."""

    def validate(self, password: str, user: object = None) -> None:
        if not password.strip():
            raise ValidationError(
                "This password has blanks alone: add letters, digits or signs.",
                code="password_blank",
            )

    def get_help_text(self) -> str:
        return "Your password can’t be blanks alone."
