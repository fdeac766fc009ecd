"""Names and passwords in request bodies."""

from __future__ import annotations

from rest_framework import serializers

from authentication.accounts.fields import PasswordField


class CredentialsSerializer(serializers.Serializer[object]):
    """User name and password."""

    username = serializers.CharField(max_length=150)
    password = PasswordField()


class PasswordChangeSerializer(serializers.Serializer[object]):
    """Current and new password."""

    current_password = PasswordField()
    new_password = PasswordField()
    keep_session = serializers.BooleanField(
        default=False, help_text="True keeps this session; all others end."
    )
