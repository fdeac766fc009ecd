"""Dead letters: listed with a reason that only services write, replayed in the background."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from datetime import UTC, datetime
from uuid import uuid4

import pika
import psycopg2
import pytest
from django.conf import settings
from django.db import connection as database
from pika.adapters.blocking_connection import BlockingChannel

from energy_contracts.names import READINGS_QUEUE
from monitoring.dead_letters import selectors as dead_letters_module
from monitoring.dead_letters import services, views
from monitoring.dead_letters.selectors import dead_letters
from monitoring.ingest.pipeline import store_messages
from monitoring.models import Device
from service_kit.broker import BROKER_UNAVAILABLE, Rejected, queue_admin, queue_depths
from service_kit.broker.connection import connect
from service_kit.process.signals import StopFlag
from service_kit.testing.waiting import wait_until

from .queues import DEAD, consumer, message, waiting

__all__ = ["consumer"]

pytestmark = pytest.mark.django_db

URL = "/api/monitoring/ingestion/"
REPLAY = f"{URL}dead-letters/replay/"


@pytest.fixture(autouse=True)
def _no_answer_waits(monkeypatch):
    """Let no answer wait for its replay: a test runs the replay itself."""
    monkeypatch.setattr(views, "WAIT_SECONDS", 0)


def replay_everything() -> None:
    while services.replay_next_slice() is not None:
        pass


def connection_parameters() -> dict[str, object]:
    parameters = database.settings_dict
    return {
        "host": parameters["HOST"],
        "port": parameters["PORT"],
        "dbname": parameters["NAME"],
        "user": parameters["USER"],
        "password": parameters["PASSWORD"],
    }


def test_dead_letters_are_listed_with_reason_and_body(api, admin, consumer):
    consumer.dead_letters.publish(
        [
            Rejected(b'{"x": 1}', "missing_field", "no timestamp"),
            Rejected(b"\xff" * 9_000, "not_json", "no"),
        ]
    )
    client = api(admin)

    answer = client.get(f"{URL}dead-letters/").json()

    assert answer["count"] == 2
    first, second = answer["results"]
    assert first["message_id"]
    assert {
        name: first[name] for name in ("reason", "detail", "body", "body_truncated", "size")
    } == {
        "reason": "missing_field",
        "detail": "no timestamp",
        "body": '{"x": 1}',
        "body_truncated": False,
        "size": 8,
    }
    assert second["body_truncated"] is True
    assert len(second["body"]) == 2_000
    of_reason = client.get(f"{URL}dead-letters/", {"reason": "not_json"}).json()["results"]
    assert [letter["size"] for letter in of_reason] == [9_000]


@pytest.mark.parametrize(
    ("rejected", "field", "retryable"),
    [
        (Rejected(b"[", "not_json", "the array has no end"), None, False),
        (
            Rejected(b"{}", "missing_field", "missing required field `timestamp`"),
            "timestamp",
            False,
        ),
        (
            Rejected(b"{}", "out_of_range", "Expected `float` >= 0.0 - at `$.measurement_value`"),
            "measurement_value",
            False,
        ),
        (Rejected(b"{}", "in_future", "more than 24 h in the future"), None, True),
        (Rejected(b"{}", "implausible", "more than 5 kW over its interval"), None, True),
        (Rejected(b"{}", "unknown_channel", "not 'export' - at `$.channel`"), "channel", True),
        (Rejected(b"{}", "device_retired", "the device was retired"), None, False),
        (Rejected(b"{}", "conflict", "another value came first"), None, False),
    ],
    ids=lambda value: value.reason if isinstance(value, Rejected) else "",
)
def test_a_dead_letter_names_its_field_and_whether_a_retry_can_help(
    rejected, field, retryable, api, admin, consumer
):
    consumer.dead_letters.publish([rejected])

    (letter,) = api(admin).get(f"{URL}dead-letters/").json()["results"]

    assert (letter["field"], letter["retryable"]) == (field, retryable)


def test_a_dead_letter_names_its_arrival_and_its_device(api, admin, meter, consumer):
    stranger = uuid4()
    bodies = [
        json.dumps(message(meter, 0, -1)).encode(),
        b'{"measurement_value": NaN, "device_id" : "%s", ' % str(meter).upper().encode(),
        json.dumps(message(stranger, 0, -1)).encode(),
        json.dumps([message(meter, 0, -1), message(stranger, 0, -1)]).encode(),
        b'{"device_id": "123456789-1234-1234-1234-1234567890"}',
    ]
    begin = datetime.now(UTC).replace(microsecond=0)
    consumer.dead_letters.publish([Rejected(body, "wrong_shape", "") for body in bodies])

    letters = api(admin).get(f"{URL}dead-letters/").json()["results"]

    name = Device.objects.get(device_id=meter).name
    assert [(letter["device_id"], letter["device_name"]) for letter in letters] == [
        (str(meter), name),
        (str(meter), name),
        (str(stranger), None),
        (None, None),
        (None, None),
    ]
    assert name
    for letter in letters:
        assert begin <= datetime.fromisoformat(letter["dead_lettered_at"]) <= datetime.now(UTC)


def test_a_replay_of_those_that_a_retry_can_help_leaves_the_broken_ones(api, admin, consumer):
    consumer.dead_letters.publish(
        [Rejected(b"[", "not_json", ""), Rejected(b"later", "in_future", "")]
    )
    client = api(admin)

    client.post(REPLAY, {"all": True, "retryable": True}, format="json")
    replay_everything()

    assert waiting() == [b"later"]
    (left,) = client.get(f"{URL}dead-letters/").json()["results"]
    assert left["body"] == "["


def test_a_replay_by_id_sends_the_chosen_dead_letters_and_leaves_the_others(api, admin, consumer):
    consumer.dead_letters.publish(
        [Rejected(b"one", "a", ""), Rejected(b"two", "b", ""), Rejected(b"three", "c", "")]
    )
    client = api(admin)
    letters = client.get(f"{URL}dead-letters/").json()["results"]

    client.post(REPLAY, {"message_ids": [letters[1]["message_id"], "no such"]}, format="json")
    replay_everything()

    progress = client.get(REPLAY).json()
    assert (progress["state"], progress["replayed"], progress["left"]) == ("finished", 1, 2)
    assert waiting() == [b"two"]
    left = client.get(f"{URL}dead-letters/").json()["results"]
    assert [letter["body"] for letter in left] == ["one", "three"]


def test_a_replay_of_all_stores_each_reading_once_and_returns_those_rejected_again(
    api, admin, meter, cache, consumer
):
    good = json.dumps(message(meter, 0, 0.1)).encode()
    # Twice the same, as after a crash between publishing and acknowledging.
    consumer.dead_letters.publish(
        [Rejected(good, "device_deleted", ""), Rejected(good, "device_deleted", "")]
    )
    consumer.dead_letters.publish([Rejected(b"[", "not_json", "")])

    api(admin).post(REPLAY, {"all": True}, format="json")
    replay_everything()
    rejected = store_messages(waiting(), cache).tally.rejected
    consumer.dead_letters.publish(
        [Rejected(reading.body, reading.error.reason, reading.error.detail) for reading in rejected]
    )

    progress = api(admin).get(REPLAY).json()
    assert (progress["replayed"], progress["failed"], progress["remaining"]) == (3, 0, 0)
    ledger = api(admin).get(URL).json()
    assert ledger["totals"] == {
        "received": 3,
        "stored": 1,
        "corrected": 0,
        "duplicates": 1,
        "rejected": 1,
    }
    (letter,) = api(admin).get(f"{URL}dead-letters/").json()["results"]
    assert (letter["reason"], letter["body"]) == ("not_json", "[")
    assert queue_depths(settings.RABBITMQ_URL, [DEAD]) == {DEAD: 1}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"all": False},
        {"message_ids": []},
        {"all": True, "message_ids": ["a"]},
        {"all": "x"},
        {"all": "yes"},
        {"all": 1},
        {"message_ids": ["a"], "reason": "conflict"},
        {"message_ids": ["a"], "retryable": True},
        {"all": True, "reason": "conflict", "retryable": True},
    ],
)
def test_a_replay_that_chooses_nothing_or_twice_is_rejected(body, api, admin):
    assert api(admin).post(REPLAY, body, format="json").status_code == 400


def test_a_replay_of_all_with_a_value_that_is_no_boolean_is_rejected_with_the_remedy(api, admin):
    answer = api(admin).post(REPLAY, {"all": "yes"}, format="json")

    assert answer.json()["errors"] == {"all": ['Must be true or false, not "yes".']}


def test_before_the_first_replay_there_is_no_progress(api, admin):
    answer = api(admin).get(REPLAY)

    assert answer.status_code == 200
    assert answer.json() == {
        "id": None,
        "state": "none",
        "total": None,
        "remaining": None,
        "replayed": 0,
        "failed": 0,
        "left": 0,
        "requested_at": None,
        "finished_at": None,
    }


def test_a_replay_is_answered_at_once_and_shows_its_progress(api, admin, consumer, monkeypatch):
    monkeypatch.setattr(services, "SLICE", 2)
    consumer.dead_letters.publish([Rejected(b"%d" % number, "a", "") for number in range(5)])
    client = api(admin)

    states = [client.post(REPLAY, {"all": True}, format="json").json()]
    while services.replay_next_slice() is not None:
        states.append(client.get(REPLAY).json())

    steps = [(state["state"], state["total"], state["replayed"]) for state in states]
    assert steps == [
        ("waiting", None, 0),
        ("running", 5, 2),
        ("running", 5, 4),
        ("finished", 5, 5),
    ]
    assert sorted(waiting()) == [b"0", b"1", b"2", b"3", b"4"]


def test_a_replay_passes_letters_that_are_not_chosen_in_few_slices(
    api, admin, consumer, monkeypatch
):
    monkeypatch.setattr(services, "SLICE", 2)
    consumer.dead_letters.publish(
        [Rejected(b"stays-%d" % number, "other", "") for number in range(40)]
    )
    consumer.dead_letters.publish([Rejected(b"%d" % number, "a", "") for number in range(40)])
    api(admin).post(REPLAY, {"all": True, "reason": "a"}, format="json")

    slices = 0
    while services.replay_next_slice() is not None:
        slices += 1

    assert len(waiting()) == 40
    assert slices == 2, "two letters, then as many as were passed"


def test_a_second_request_for_an_unfinished_replay_returns_the_first(api, admin, consumer):
    consumer.dead_letters.publish([Rejected(b"1", "a", "")])
    client = api(admin)

    first, second = (client.post(REPLAY, {"all": True}, format="json").json() for _ in range(2))

    assert first["id"] == second["id"]


def test_letters_that_come_back_during_a_replay_are_not_replayed_by_it(
    api, admin, consumer, monkeypatch
):
    monkeypatch.setattr(services, "SLICE", 2)
    consumer.dead_letters.publish([Rejected(b"%d" % number, "a", "") for number in range(5)])
    api(admin).post(REPLAY, {"all": True}, format="json")

    while services.replay_next_slice() is not None:
        consumer.dead_letters.publish([Rejected(b"back", "a", "")])

    assert b"back" not in waiting()


@pytest.mark.django_db(transaction=True)
def test_a_replay_interrupted_in_a_slice_continues_and_loses_no_letter(
    api, admin, consumer, monkeypatch
):
    """The process ends between publishing and acknowledging a letter: the letter comes twice."""
    consumer.dead_letters.publish([Rejected(b"%d" % number, "a", "") for number in range(5)])
    api(admin).post(REPLAY, {"all": True}, format="json")
    monkeypatch.setattr(queue_admin, "MOVED_TOGETHER", 2)
    acknowledge, cuts = BlockingChannel.basic_ack, iter([False, False, True])

    def cut(channel: BlockingChannel, *arguments: object) -> None:
        if next(cuts, False):
            raise ConnectionResetError
        acknowledge(channel, *arguments)

    monkeypatch.setattr(BlockingChannel, "basic_ack", cut)
    with pytest.raises(ConnectionResetError):
        services.replay_next_slice()
    replay_everything()

    assert api(admin).get(REPLAY).json()["state"] == "finished"
    assert set(waiting()) == {b"0", b"1", b"2", b"3", b"4"}
    assert queue_depths(settings.RABBITMQ_URL, [DEAD]) == {DEAD: 0}


def test_a_replay_waits_while_the_broker_is_unavailable(api, admin, consumer, settings):
    consumer.dead_letters.publish([Rejected(b"1", "a", "")])
    url = settings.RABBITMQ_URL
    settings.RABBITMQ_URL = "amqp://nobody:nothing@127.0.0.1:1/"

    answer = api(admin).post(REPLAY, {"all": True}, format="json")
    with pytest.raises(BROKER_UNAVAILABLE):
        services.replay_next_slice()
    settings.RABBITMQ_URL = url
    replay_everything()

    assert answer.json()["state"] == "waiting"
    assert api(admin).get(REPLAY).json()["replayed"] == 1


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


def test_a_list_of_dead_letters_is_unavailable_while_a_replay_holds_the_queue(
    api, admin, consumer, monkeypatch
):
    monkeypatch.setattr(dead_letters_module, "LOCK_TIMEOUT", "100ms")
    with closing(psycopg2.connect(**connection_parameters())) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [dead_letters_module.LOCK_KEY])

        answer = api(admin).get(f"{URL}dead-letters/")

    assert answer.status_code == 503
    assert "being sent again" in answer.json()["detail"]
