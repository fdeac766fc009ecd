"""RabbitMQ: the only package of the services that imports pika; what is named here is its use."""

from service_kit.broker.connection import (
    BROKER_UNAVAILABLE,
    BrokerUnavailable,
    ExchangeMissing,
    Topology,
    queue_depths,
)
from service_kit.broker.consumer import BatchConsumer, Rejected
from service_kit.broker.deliveries import traceparent_of
from service_kit.broker.publisher import ConfirmingPublisher, Message, wait_for_broker
from service_kit.broker.queue_admin import Moved, QueuedMessage, move, peek

__all__ = [
    "BROKER_UNAVAILABLE",
    "BatchConsumer",
    "BrokerUnavailable",
    "ConfirmingPublisher",
    "ExchangeMissing",
    "Message",
    "Moved",
    "QueuedMessage",
    "Rejected",
    "Topology",
    "move",
    "peek",
    "queue_depths",
    "traceparent_of",
    "wait_for_broker",
]
