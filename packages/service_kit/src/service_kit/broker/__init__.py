"""RabbitMQ. Only this package of the services imports pika; services use the names below."""

from service_kit.broker.connection import (
    BROKER_UNAVAILABLE,
    BrokerUnavailable,
    ExchangeMissing,
    Topology,
    queue_depths,
)
from service_kit.broker.consumer import BatchConsumer
from service_kit.broker.dead_letters import Rejected
from service_kit.broker.delivery import Delivery
from service_kit.broker.publisher import ConfirmingPublisher, Message, wait_for_broker
from service_kit.broker.queue_admin import Moved, QueuedMessage, move, peek, remove, select
from service_kit.broker.relocation import Relocation
from service_kit.broker.session import RENEW_SECONDS
from service_kit.broker.sources import FastSource, PikaSource

__all__ = [
    "BROKER_UNAVAILABLE",
    "RENEW_SECONDS",
    "BatchConsumer",
    "BrokerUnavailable",
    "ConfirmingPublisher",
    "Delivery",
    "ExchangeMissing",
    "FastSource",
    "Message",
    "Moved",
    "PikaSource",
    "QueuedMessage",
    "Rejected",
    "Relocation",
    "Topology",
    "move",
    "peek",
    "queue_depths",
    "remove",
    "select",
    "wait_for_broker",
]
