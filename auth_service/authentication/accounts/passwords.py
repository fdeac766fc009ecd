"""Hashes of passwords, and a rule for new ones.

Ä is one character or two (A and the dots), depending on the keyboard. Passwords are hashed in the
composed form (NFC, see RFC 8265), so that both forms are the same password. Nothing else is
changed: blanks and case count.
"""

from __future__ import annotations

import unicodedata

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError

from authentication.models import User


def password_hash(password: str) -> str:
    """Return the hash of a new password, for storage."""
    return make_password(unicodedata.normalize("NFC", password))


def password_matches(user: User | None, password: str) -> bool:
    """Return whether the password is the user's; without a user, False after the same time.

    Older accounts may have the hash of the form that is not composed, so both forms are compared.
    """
    forms = dict.fromkeys([unicodedata.normalize("NFC", password), password])
    for form in forms:
        if user is None:
            make_password(form)
        elif user.check_password(form):
            return True
    return False


class NotBlankValidator:
    """Rejects a password that consists of blanks alone."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise Django's ValidationError for a password of blanks."""
        if not password.strip():
            raise ValidationError(
                "This password consists of spaces only. Add letters, digits or signs.",
                code="password_blank",
            )

    def get_help_text(self) -> str:
        """Return the rule as a sentence."""
        return "Your password can’t consist of spaces only."
