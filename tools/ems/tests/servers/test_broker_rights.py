"""The rights of each user at a real broker, started as an installation starts it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import (
    AMQPConnectionError,
    ChannelClosedByBroker,
    ProbableAccessDeniedError,
)

from ems_tool.configuration import credentials
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.development.ephemeral import free_port
from ems_tool.platform import lifecycle
from ems_tool.servers import rabbitmq
from service_kit.broker.connection import with_own_socket_pair

QUEUE = "device_data_queue"
PERSISTENT = pika.BasicProperties(delivery_mode=2)


class Broker:
    """The broker of an installation; `start` is what `./ems up` does about it."""

    def __init__(self, home: Home) -> None:
        self.home, self.os_user = home, OsUser.ensure()
        self.secrets = credentials.Secrets()

    def start(self) -> None:
        self.secrets = lifecycle.prepare(self.home, self.os_user)
        lifecycle.ensure_supervisor(self.home)
        rabbitmq.prepare(self.home, self.os_user, self.secrets)
        for spec in rabbitmq.specs(self.home, self.os_user):
            lifecycle.start(self.home, spec)
        lifecycle.wait(self.home, "rabbitmq", lambda: rabbitmq.is_ready(self.home))

    @contextmanager
    def channel(self, user: str, vhost: str = "/") -> Iterator[BlockingChannel]:
        parameters = pika.URLParameters(rabbitmq.url(self.home, self.secrets, user, vhost))
        with with_own_socket_pair(lambda: pika.BlockingConnection(parameters)) as connection:
            yield connection.channel()


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[Broker]:
    home = Home(tmp_path_factory.mktemp("broker") / "home", free_port())
    broker = Broker(home)
    broker.start()
    yield broker
    lifecycle.stop(home)


@contextmanager
def rejected() -> Iterator[None]:
    with pytest.raises(ChannelClosedByBroker) as raised:
        yield
    assert raised.value.reply_code == 403


@pytest.mark.parametrize("user", ["meters", "listener"])
def test_the_queue_of_readings_can_be_neither_declared_deleted_nor_emptied(broker, user):
    for attempt in (
        lambda channel: channel.queue_declare(QUEUE, durable=True),
        lambda channel: channel.queue_delete(QUEUE),
        lambda channel: channel.queue_purge(QUEUE),
        lambda channel: channel.basic_get(QUEUE),
    ):
        with broker.channel(user) as channel, rejected():
            attempt(channel)


def test_a_meter_publishes_with_confirms_and_may_ask_for_the_queue_passively(broker):
    with broker.channel("meters") as channel:
        channel.queue_declare(QUEUE, passive=True)
        channel.confirm_delivery()
        channel.basic_publish("", QUEUE, b"{}", mandatory=True)
    with broker.channel("monitoring_service") as channel:
        channel.queue_purge(QUEUE)


@pytest.mark.parametrize("user", ["meters", "declaring_meters"])
def test_a_meter_cannot_connect_to_the_virtual_host_of_the_platform(broker, user, monkeypatch):
    monkeypatch.setenv("EMS_DECLARING_CLIENTS", "True")
    broker.start()

    with (
        pytest.raises(ProbableAccessDeniedError, match=r"access to vhost .platform."),
        broker.channel(user, "platform"),
    ):
        pass


@pytest.mark.parametrize(
    ("user", "vhost", "exchange"),
    [
        ("meters", "/", "dead_letter_exchange"),
        ("listener", "platform", "dead_letter_exchange"),
        ("listener", "platform", "sync_exchange"),
        ("listener", "/", ""),
    ],
)
def test_the_exchanges_of_the_services_accept_nothing_from_outside(broker, user, vhost, exchange):
    with broker.channel(user, vhost) as channel, rejected():
        channel.confirm_delivery()
        channel.basic_publish(exchange, f"{QUEUE}.dead", b"{}")


def test_a_listener_hears_events_in_a_queue_of_its_own(broker):
    with (
        broker.channel("listener", "platform") as channel,
        broker.channel("auth_service", "platform") as publisher,
    ):
        channel.queue_declare("listener.mine", durable=True)
        channel.queue_bind("listener.mine", "sync_exchange", "user_updated")
        publisher.confirm_delivery()
        publisher.basic_publish("sync_exchange", "user_updated", b"heard", mandatory=True)

        method, _, body = next(channel.consume("listener.mine", inactivity_timeout=20))
        channel.basic_ack(method.delivery_tag)

    assert body == b"heard"


def test_a_listener_can_send_nothing_to_the_platform_by_a_detour(broker):
    with broker.channel("listener", "platform") as channel, rejected():
        channel.basic_publish("", "sync_queue.device_service", b"{}")
        channel.queue_declare("listener.other", passive=True)
    for target in ("", "sync_exchange", "dead_letter_exchange"):
        with broker.channel("listener", "platform") as channel, rejected():
            channel.queue_declare(
                "listener.trap", durable=True, arguments={"x-dead-letter-exchange": target}
            )


def test_a_client_that_declares_is_accepted_while_the_setting_is_on(broker, monkeypatch):
    others = dict(broker.secrets.rabbitmq)
    monkeypatch.setenv("EMS_DECLARING_CLIENTS", "True")
    broker.start()

    with broker.channel("declaring_meters") as channel:
        channel.queue_declare(QUEUE, durable=True)
        channel.confirm_delivery()
        channel.basic_publish("", QUEUE, b"{}", PERSISTENT, mandatory=True)
    assert broker.secrets.rabbitmq.items() >= others.items()

    monkeypatch.setenv("EMS_DECLARING_CLIENTS", "False")
    broker.start()

    with pytest.raises(AMQPConnectionError), broker.channel("declaring_meters"):
        pass
    with broker.channel("meters") as channel:
        assert channel.queue_declare(QUEUE, passive=True).method.message_count == 1
