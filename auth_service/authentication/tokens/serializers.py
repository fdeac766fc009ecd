"""The answer with the public keys."""

from __future__ import annotations

from rest_framework import serializers


class KeySetSerializer(serializers.Serializer[object]):
    """Public keys as a JSON Web Key Set (RFC 7517)."""

    keys = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
