"""Replays of dead letters: chosen, done in the background in slices, never losing a letter."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from pika.adapters.blocking_connection import BlockingChannel

from monitoring.dead_letters import services
from monitoring.ingest.pipeline import store_messages
from service_kit.broker import BROKER_UNAVAILABLE, Rejected, queue_admin, queue_depths

from .queues import DEAD, consumer, message, no_answer_waits, replay_everything, waiting

__all__ = ["consumer", "no_answer_waits"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_answer_waits")]

URL = "/api/monitoring/ingestion/"
REPLAY = f"{URL}dead-letters/replay/"


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
