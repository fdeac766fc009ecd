"""The publishing of rejected messages to the queue of dead letters."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from energy_contracts.names import DEAD_LETTER_EXCHANGE, DETAIL_HEADER, REASON_HEADER
from service_kit.broker.connection import ExchangeMissing, Topology, connect
from service_kit.broker.publisher import ConfirmingPublisher, Message
from service_kit.process.counters import DEAD_LETTERED

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rejected:
    """A message, or a part of one, for the dead letters; a code for programs, a text for people."""

    body: bytes
    reason: str
    detail: str


class DeadLetterPublisher:
    """Publishes rejected messages of one queue with confirms, for one calling thread."""

    def __init__(self, url: str, name: str, topology: Topology) -> None:
        """`url` names the virtual host of the dead letters; the broker lists the `name`."""
        self._url, self._name = url, name
        self._publisher = ConfirmingPublisher(url, name)
        self._topology = topology

    def publish(self, rejected: Sequence[Rejected]) -> list[Rejected]:
        """Publish messages to the dead letters; return the messages that were not confirmed.

        Their queue or exchange may have been deleted: those that were not confirmed are published
        once more after both were declared.

        Raises: one of BROKER_UNAVAILABLE.
        """
        unconfirmed = self._publish_once(rejected)
        if not unconfirmed:
            return []
        with connect(self._url, self._name) as connection:
            self._topology.declare_dead_letters(connection.channel())
        return self._publish_once(unconfirmed)

    def _publish_once(self, rejected: Sequence[Rejected]) -> list[Rejected]:
        letters = [
            Message(
                exchange=DEAD_LETTER_EXCHANGE,
                routing_key=self._topology.dead_letter_queue,
                body=each.body,
                # The same rejected body has the same id, so that a repetition shows.
                message_id=f"{uuid5(NAMESPACE_OID, each.reason + each.body.hex())}-{position}",
                headers={REASON_HEADER: each.reason, DETAIL_HEADER: each.detail[:500]},
            )
            for position, each in enumerate(rejected)
        ]
        try:
            unconfirmed = self._publisher.publish(letters)
        except ExchangeMissing:
            unconfirmed = set(range(len(letters)))
        for position, (each, letter) in enumerate(zip(rejected, letters, strict=True)):
            if position in unconfirmed:
                continue
            logger.warning(
                "dead-lettered reason=%s detail=%s",
                each.reason,
                each.detail,
                extra={"message_id": letter.message_id},
            )
            DEAD_LETTERED.labels(self._topology.queue, each.reason).inc()
        return [rejected[position] for position in sorted(unconfirmed)]

    def close(self) -> None:
        """Close the connection."""
        self._publisher.close()
