"""Checked input and answers of sign-in, refresh and logout."""

from __future__ import annotations

from rest_framework import serializers

from authentication.accounts.serializers import ProfileSerializer


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
