"""Letters that no service wrote: of meters, and of the broker itself."""

from __future__ import annotations

import threading
from uuid import uuid4

import pika
import pytest
from django.conf import settings

from energy_contracts.names import READINGS_QUEUE
from monitoring.dead_letters import services
from monitoring.dead_letters.selectors import dead_letters
from service_kit.broker import Rejected, queue_depths
from service_kit.broker.connection import connect
from service_kit.process.signals import StopFlag
from service_kit.testing.waiting import wait_until

from .queues import DEAD, consumer, no_answer_waits, replay_everything, waiting

__all__ = ["consumer", "no_answer_waits"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_answer_waits")]

URL = "/api/monitoring/ingestion/"
REPLAY = f"{URL}dead-letters/replay/"


FORGED = {"x-reason": "<img src=x onerror=alert(1)>", "x-detail": "trust me", "x-death": "forged"}


def write(exchange: str, key: str, body: bytes, **headers: str) -> None:
    """Publish as a meter may, and return once the message is among the dead letters."""
    before = queue_depths(settings.RABBITMQ_URL, [DEAD])[DEAD]
    with connect(settings.METERS_RABBITMQ_URL, "test") as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(exchange, key, body, pika.BasicProperties(headers=headers))
    collect(before + 1)


def collect(expected: int) -> None:
    """Run the collection of moved messages until the queue of dead letters has so many."""
    stop = StopFlag(heartbeat=False)
    collecting = threading.Thread(target=services.collect_moved, args=[stop])
    collecting.start()
    try:
        wait_until(lambda: queue_depths(settings.RABBITMQ_URL, [DEAD])[DEAD] >= expected)
    finally:
        stop.set()
        collecting.join()


def test_a_letter_that_a_meter_wrote_is_foreign_and_its_headers_are_not_shown(api, admin, consumer):
    write("", DEAD, b"forged", **FORGED)

    (letter,) = api(admin).get(f"{URL}dead-letters/").json()["results"]

    assert letter["reason"] == "foreign"
    assert "from outside of the platform" in letter["detail"]
    assert "img" not in str(letter)
    assert "trust me" not in str(letter)


def test_a_message_that_the_broker_moved_has_the_reason_of_the_broker_alone(api, admin, consumer):
    claim = {**FORGED, "x-first-death-reason": "<b>"}
    write("dead_letter_exchange", READINGS_QUEUE, b"moved", **claim)
    write("dead_letter_exchange", READINGS_QUEUE, b"moved", **{"x-first-death-reason": "expired"})

    letters = api(admin).get(f"{URL}dead-letters/").json()["results"]

    assert [letter["reason"] for letter in letters] == ["unknown", "expired"]
    assert "trust me" not in str(letters)


def test_a_message_that_a_consumer_rejects_reaches_the_dead_letters_by_their_exchange(consumer):
    """An installation has a policy for that; here the arguments of a queue replace it."""
    queue = f"test-{uuid4().hex}"
    with connect(settings.METERS_RABBITMQ_URL, "test") as connection:
        channel = connection.channel()
        arguments = {
            "x-dead-letter-exchange": "dead_letter_exchange",
            "x-dead-letter-routing-key": READINGS_QUEUE,
        }
        channel.queue_declare(queue, arguments=arguments, exclusive=True)
        claim = {"x-reason": "trust me"}
        channel.basic_publish("", queue, b"moved", pika.BasicProperties(headers=claim))
        method, _, _ = next(channel.consume(queue, inactivity_timeout=20))
        channel.basic_nack(method.delivery_tag, requeue=False)
        channel.cancel()
        collect(1)

    (letter,) = dead_letters()

    assert letter.reason == "rejected"


def test_a_replay_of_all_leaves_foreign_letters_and_counts_them(api, admin, consumer):
    write("", DEAD, b"forged", **FORGED)
    consumer.dead_letters.publish([Rejected(b"ours", "a", "")])
    client = api(admin)

    client.post(REPLAY, {"all": True}, format="json")
    replay_everything()

    progress = client.get(REPLAY).json()
    assert (progress["replayed"], progress["left"], progress["remaining"]) == (1, 1, 1)
    assert waiting() == [b"ours"]
    (left,) = client.get(f"{URL}dead-letters/").json()["results"]
    assert left["body"] == "forged"


def test_foreign_letters_are_replayed_when_their_reason_is_chosen(api, admin, consumer):
    """Letters that were written before the exchange existed are among them."""
    write("", DEAD, b"old", **{"x-reason": "in_future"})
    consumer.dead_letters.publish([Rejected(b"ours", "a", "")])

    api(admin).post(REPLAY, {"all": True, "reason": "foreign"}, format="json")
    replay_everything()

    assert waiting() == [b"old"]
