"""RabbitMQ: the only package of the services that imports pika; what is named here is its use."""

from service_kit.broker.browser import Moved, QueuedMessage, move, peek
from service_kit.broker.connection import (
    BROKER_AWAY,
    BrokerAway,
    ExchangeMissing,
    Topology,
    queue_depths,
)
from service_kit.broker.consumer import BatchConsumer, Refused
from service_kit.broker.deliveries import traceparent_of
from service_kit.broker.publisher import ConfirmingPublisher, Message, wait_for_broker

__all__ = [
    "BROKER_AWAY",
    "BatchConsumer",
    "BrokerAway",
    "ConfirmingPublisher",
    "ExchangeMissing",
    "Message",
    "Moved",
    "QueuedMessage",
    "Refused",
    "Topology",
    "move",
    "peek",
    "queue_depths",
    "traceparent_of",
    "wait_for_broker",
]
