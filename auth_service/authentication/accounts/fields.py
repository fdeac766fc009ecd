"""User names and passwords as fields of request bodies."""

from __future__ import annotations

from django.contrib.auth.validators import UnicodeUsernameValidator
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from authentication.models import User

#: Longest accepted password: nobody needs a longer one, and the server need not read it.
MAX_PASSWORD_LENGTH = 128


class PasswordField(serializers.CharField):
    """A password as typed: blanks count, and no answer contains it."""

    def __init__(self) -> None:
        """Make a required field."""
        super().__init__(
            write_only=True,
            trim_whitespace=False,
            max_length=MAX_PASSWORD_LENGTH,
            style={"input_type": "password"},
        )


class UsernameField(serializers.CharField):
    """A user name, normalised before it is checked.

    Normalising turns some characters into several, or into spaces. Checked before that, such a name
    would be accepted.
    """

    max_length = 150

    def __init__(self) -> None:
        """Make a required field."""
        super().__init__(
            max_length=self.max_length,
            validators=[UnicodeUsernameValidator(code="username_characters")],
        )

    def to_internal_value(self, data: str) -> str:
        """Return the normalised name. Raises ValidationError for a name that is too long."""
        text = super().to_internal_value(data)
        # Normalising sorts accents in a row, in a time that grows with the square of their number:
        # a body of some megabytes would block the process for hours, without a login. At most four
        # characters become one.
        if len(text) > 4 * self.max_length:
            raise ValidationError(
                f"Ensure this field has no more than {self.max_length} characters.",
                code="max_length",
            )
        return User.normalize_username(text)
