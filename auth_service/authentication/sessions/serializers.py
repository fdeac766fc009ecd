"""Checked input and answers of sign-in, refresh and logout."""

from __future__ import annotations

from rest_framework import serializers

from authentication.accounts.serializers import ProfileSerializer
from authentication.models import RefreshFamily
from authentication.sessions.user_agents import program_of

#: Longer than any token that a client may take for its refresh token.
MAX_TOKEN_LENGTH = 2048


class RefreshSerializer(serializers.Serializer[object]):
    """A refresh token."""

    refresh = serializers.CharField(max_length=MAX_TOKEN_LENGTH)


class LogoutSerializer(serializers.Serializer[object]):
    """The refresh token of a program; browsers send theirs in the cookie."""

    refresh = serializers.CharField(max_length=MAX_TOKEN_LENGTH, required=False)
    everywhere = serializers.BooleanField(
        default=True, help_text="False ends this session only, and no other of the user."
    )


class SessionSerializer(serializers.ModelSerializer[RefreshFamily]):
    """A session of the user; the context holds the id of the `current` one."""

    last_used_at = serializers.DateTimeField(source="rotated_at", read_only=True)
    program = serializers.SerializerMethodField()
    system = serializers.SerializerMethodField()
    current = serializers.SerializerMethodField()

    class Meta:
        """Model and fields."""

        model = RefreshFamily
        fields = (
            *("id", "created_at", "last_used_at", "expires_at", "program", "system", "address"),
            "current",
        )
        read_only_fields = fields

    def get_program(self, session: RefreshFamily) -> str:
        """Return the browser or other program, empty if it is unknown."""
        return program_of(session.user_agent).name

    def get_system(self, session: RefreshFamily) -> str:
        """Return the system that the program runs on, empty if it is unknown."""
        return program_of(session.user_agent).system

    def get_current(self, session: RefreshFamily) -> bool:
        """Return whether the request's access token belongs to this session."""
        return bool(session.id == self.context["current"])


class TokenPairSerializer(serializers.Serializer[object]):
    """Access token and refresh token of a program."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class BrowserSessionSerializer(serializers.Serializer[object]):
    """Access token and user of a browser, whose refresh token is in a cookie."""

    access = serializers.CharField()
    user = ProfileSerializer()
