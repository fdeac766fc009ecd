"""Checked input and answers of the routes for accounts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from authentication.accounts.fields import PasswordField, UsernameField
from authentication.models import Role, User
from service_kit.api.ordering import OrderingField

PROFILE = ("email", "first_name", "last_name", "phone")
#: Choices for the dashboard; empty: each browser decides for itself.
PREFERENCES = ("language", "theme")


class ProfileSerializer(serializers.ModelSerializer[User]):
    """The user's own account; the user may change names, email, phone, language and theme."""

    class Meta:
        """Model and fields."""

        model = User
        fields = ("id", "username", *PROFILE, "role", "is_active", *PREFERENCES)
        read_only_fields = ("id", "username", "role", "is_active")


class RegistrationStateSerializer(serializers.Serializer[object]):
    """Whether visitors can register."""

    open = serializers.BooleanField()


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
            *("id", "username", *PROFILE, "role", "is_active"),
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
