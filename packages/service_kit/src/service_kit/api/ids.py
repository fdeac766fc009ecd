"""The parameter `id` of lists: the rows of these ids only."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

#: Ids in the address of a list. The longest address that the servers accept has 4,094 bytes.
MAX_IDS = 100


class IdsField(serializers.CharField):
    """Ids separated by commas; the value is a list of UUIDs."""

    def __init__(self, **options: Any) -> None:
        """Describe the parameter in the OpenAPI schema."""
        text = f"ids separated by commas, at most {MAX_IDS}: these rows only"
        super().__init__(help_text=text, **options)

    def to_internal_value(self, data: Any) -> Any:
        """Return the ids. Raises ValidationError for another text, and for too many."""
        texts = super().to_internal_value(data).split(",")
        if len(texts) > MAX_IDS:
            raise serializers.ValidationError(f"{len(texts)} ids; send at most {MAX_IDS}.")
        field = serializers.UUIDField()
        return [field.run_validation(text.strip()) for text in texts]
