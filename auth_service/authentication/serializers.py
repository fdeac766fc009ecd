"""Checked input and answers of the routes for accounts, sessions and the security log."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from authentication.models import Role, SecurityEvent, SecurityEventKind, User
from service_kit.ordering import OrderingField

#: Longest accepted password: nobody needs a longer one, and the server need not read it.
MAX_PASSWORD_LENGTH = 128

PROFILE = ("email", "first_name", "last_name", "phone")


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
        super().__init__(max_length=self.max_length, validators=[UnicodeUsernameValidator()])

    def to_internal_value(self, data: str) -> str:
        """Return the normalised name. Raises ValidationError for one that is too long."""
        text = super().to_internal_value(data)
        # Normalising sorts accents in a row, in a time that grows with the square of their number:
        # a body of some megabytes would block the process for hours, without a login. At most four
        # characters become one.
        if len(text) > 4 * self.max_length:
            raise ValidationError(
                f"Ensure this field has no more than {self.max_length} characters."
            )
        return User.normalize_username(text)


class ProfileSerializer(serializers.ModelSerializer[User]):
    """The user's own account; the user may change names, email and phone."""

    class Meta:
        """Model and fields."""

        model = User
        fields = ("id", "username", *PROFILE, "role", "is_active")
        read_only_fields = ("id", "username", "role", "is_active")


class RegistrationSerializer(serializers.ModelSerializer[User]):
    """A new account by registration, which sets no role."""

    username = UsernameField()
    password = PasswordField()

    class Meta:
        """Model and fields."""

        model = User
        fields = ("username", "password", *PROFILE)


class UserSerializer(serializers.ModelSerializer[User]):
    """An account, for administrators."""

    #: As stored: an address or the empty text.
    email = serializers.CharField(read_only=True)

    class Meta:
        """Model and fields."""

        model = User
        fields = (
            *ProfileSerializer.Meta.fields,
            "created_at",
            "last_login",
        )
        read_only_fields = fields


class UserCreateSerializer(serializers.ModelSerializer[User]):
    """A new account, created by an administrator."""

    username = UsernameField()
    password = PasswordField()

    class Meta:
        """Model and fields."""

        model = User
        fields = ("username", "password", *PROFILE, "role")


class UserUpdateSerializer(serializers.ModelSerializer[User]):
    """The fields that an administrator may change; a new password ends the user's sessions."""

    username = UsernameField()
    password = PasswordField()

    class Meta:
        """Model and fields."""

        model = User
        fields = ("username", "password", *PROFILE, "role", "is_active")


class UserQuery(serializers.Serializer[Any]):
    """Filters and order of the list of accounts."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    is_active = serializers.BooleanField(allow_null=True, default=None)
    search = serializers.CharField(required=False, help_text="A search term.")
    ordering = OrderingField(
        ("username", "email", "last_name", "role", "created_at", "last_login"),
        default="username",
        caseless=("username",),
    )


class SecurityEventQuery(serializers.Serializer[Any]):
    """Filters of the security log; `since` is inclusive, `until` exclusive."""

    kind = serializers.MultipleChoiceField(choices=SecurityEventKind.choices, required=False)
    actor_id = serializers.UUIDField(required=False)
    subject_id = serializers.UUIDField(required=False)
    address = serializers.CharField(required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    search = serializers.CharField(required=False, help_text="A search term.")

    def validate_address(self, value: str) -> str:
        """Return the IP address in the form in which the log stores it."""
        try:
            return str(ipaddress.ip_address(value))
        except ValueError as error:
            raise ValidationError("Enter an IP address.") from error


class PasswordChangeSerializer(serializers.Serializer[object]):
    """Current and new password."""

    current_password = PasswordField()
    new_password = PasswordField()


class CredentialsSerializer(serializers.Serializer[object]):
    """User name and password."""

    username = serializers.CharField(max_length=150)
    password = PasswordField()


class RefreshSerializer(serializers.Serializer[object]):
    """A refresh token."""

    refresh = serializers.CharField(max_length=512)


class LogoutSerializer(serializers.Serializer[object]):
    """The refresh token of a program; browsers send theirs in the cookie."""

    refresh = serializers.CharField(max_length=512, required=False)


class TokenPairSerializer(serializers.Serializer[object]):
    """Access token and refresh token of a program."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class BrowserSessionSerializer(serializers.Serializer[object]):
    """Access token and user of a browser, whose refresh token is in a cookie."""

    access = serializers.CharField()
    user = ProfileSerializer()


class KeySetSerializer(serializers.Serializer[object]):
    """Public keys as a JSON Web Key Set (RFC 7517)."""

    keys = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


class SecurityEventSerializer(serializers.ModelSerializer[SecurityEvent]):
    """An entry of the security log; names are those at the time of the event."""

    details = serializers.DictField(child=serializers.JSONField(), read_only=True)

    class Meta:
        """Model and fields."""

        model = SecurityEvent
        fields = (
            "id",
            "occurred_at",
            "kind",
            "actor_id",
            "actor_name",
            "subject_id",
            "subject_name",
            "address",
            "request_id",
            "details",
        )
        read_only_fields = fields
