"""JSON whose numbers are exact: a `Decimal` is written and read as a number with all its digits.

A double holds fifteen digits; sums of energies may have more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


def _plain(value: object) -> Any:
    # msgspec does not know subclasses of str, such as the text of a validation error.
    return str(value) if isinstance(value, str) else JSONEncoder().default(value)


encode = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain).encode


def decode(text: str | bytes) -> Any:
    """Return the document; numbers with decimals as `Decimal`."""
    return json.loads(text, parse_float=Decimal)


class ExactJSONRenderer(JSONRenderer):
    """Answers of the API."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the answer as JSON, indented if the media type asks for it; b"" for None."""
        if data is None:
            return b""
        text = encode(data)
        indent = self.get_indent(accepted_media_type or "", dict(renderer_context or {}))
        return text if indent is None else msgspec.json.format(text, indent=indent)
