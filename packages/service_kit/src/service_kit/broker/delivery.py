"""A message as the broker hands it over."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from pika import BasicProperties

from energy_contracts.names import TRACEPARENT_HEADER

logger = logging.getLogger(__name__)


class Delivery(NamedTuple):
    """A message with all that the broker sends about it.

    The broker sets exchange and routing key, the sender body and properties. Properties are decoded
    when they are read: those of a hundred thousand readings a minute are not.
    """

    body: bytes
    exchange: str = ""
    routing_key: str = ""
    #: Number of the delivery on its channel.
    tag: int = 0
    properties: bytes | BasicProperties | None = None

    @property
    def headers(self) -> dict[str, Any]:
        """The sender's headers; none for headers that cannot be decoded."""
        return self._decoded().headers or {}

    @property
    def timestamp(self) -> int | None:
        """Unix time in seconds that the sender set, None for none."""
        timestamp: int | None = self._decoded().timestamp
        return timestamp

    @property
    def traceparent(self) -> str | None:
        """The trace to which the message belongs, None for none."""
        value = self.headers.get(TRACEPARENT_HEADER)
        return value if isinstance(value, str) else None

    def _decoded(self) -> BasicProperties:
        if self.properties is None:
            return BasicProperties()
        if not isinstance(self.properties, bytes):
            return self.properties
        try:
            return BasicProperties().decode(self.properties)
        except Exception as error:
            # Any sender may write headers that pika cannot decode, such as an instant in the year
            # 292,277,026,596; the message is stored all the same.
            logger.debug("properties that cannot be decoded: %s", error)
            return BasicProperties()
