"""Discards of dead letters: on record, counted once, and never of letters that came later."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import InternalError, transaction
from django.db.utils import IntegrityError
from pika.adapters.blocking_connection import BlockingChannel

from monitoring.dead_letters import discards
from monitoring.ingest.pipeline import store_messages
from monitoring.models import DeadLetterDiscard
from service_kit.broker import Rejected, peek, queue_depths

from .queues import DEAD, consumer, no_answer_waits, waiting

__all__ = ["consumer", "no_answer_waits"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_answer_waits")]

URL = "/api/monitoring/ingestion/"
DISCARDS = f"{URL}dead-letters/discards/"


def discard_everything() -> None:
    while discards.discard_next_slice() is not None:
        pass


def left() -> list[bytes]:
    return [letter.body for letter in peek(settings.RABBITMQ_URL, DEAD, 100)]


def rejected(*bodies: bytes, reason: str = "not_json") -> list[Rejected]:
    return [Rejected(body, reason, "") for body in bodies]


def test_one_dead_letter_is_discarded_and_the_record_names_who_and_why(api, admin, consumer):
    consumer.dead_letters.publish(rejected(b"one", b"two"))
    client = api(admin)
    first, _ = client.get(f"{URL}dead-letters/").json()["results"]

    answer = client.post(DISCARDS, {"message_ids": [first["message_id"]]}, format="json").json()
    discard_everything()

    assert left() == [b"two"]
    assert waiting() == []
    (record,) = client.get(DISCARDS).json()["results"]
    assert record["id"] == answer["id"]
    assert record["requested_by"] == str(admin.id)
    assert record["requested_by_name"] == admin.username
    assert record["discarded"] == {"not_json": 1}
    assert record["finished_at"] is not None


def test_all_letters_of_a_reason_are_discarded_and_the_others_stay(api, admin, consumer):
    consumer.dead_letters.publish(rejected(b"a", b"b") + rejected(b"c", reason="conflict"))

    api(admin).post(DISCARDS, {"all": True, "reason": "not_json"}, format="json")
    discard_everything()

    assert left() == [b"c"]
    (record,) = api(admin).get(DISCARDS).json()["results"]
    assert (record["reason"], record["discarded"]) == ("not_json", {"not_json": 2})


def test_all_letters_are_discarded_in_slices_and_counted_by_reason(
    api, admin, consumer, monkeypatch
):
    monkeypatch.setattr(discards, "SLICE", 2)
    same = rejected(b"same")
    for letters in (same, same, rejected(b"x", b"y", reason="conflict"), same):
        consumer.dead_letters.publish(letters)

    api(admin).post(DISCARDS, {"all": True}, format="json")
    discard_everything()

    assert left() == []
    (record,) = api(admin).get(DISCARDS).json()["results"]
    assert record["discarded"] == {"not_json": 3, "conflict": 2}


def test_a_letter_that_arrives_after_the_request_is_kept(api, admin, consumer):
    consumer.dead_letters.publish(rejected(b"[", b"later"))
    api(admin).post(DISCARDS, {"all": True}, format="json")
    # The broker's stamps are whole seconds.
    DeadLetterDiscard.objects.update(requested_at=discards.now() - timedelta(minutes=1))

    discard_everything()

    assert left() == [b"[", b"later"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("acknowledged", [0, 1, 2])
def test_a_discard_that_is_killed_after_its_count_continues_and_counts_no_letter_twice(
    acknowledged, api, admin, consumer, monkeypatch
):
    consumer.dead_letters.publish(rejected(b"a", b"b", b"c"))
    api(admin).post(DISCARDS, {"all": True}, format="json")
    acknowledge, acks = BlockingChannel.basic_ack, iter(range(acknowledged))

    def cut(channel: BlockingChannel, *arguments: object) -> None:
        if next(acks, None) is None:
            raise ConnectionResetError
        acknowledge(channel, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(BlockingChannel, "basic_ack", cut)
        with pytest.raises(ConnectionResetError):
            discards.discard_next_slice()
    discard_everything()

    assert left() == []
    (record,) = api(admin).get(DISCARDS).json()["results"]
    assert record["discarded"] == {"not_json": 3}


def test_the_ledger_stays_balanced_after_a_discard(api, admin, cache, consumer):
    result = store_messages([b"["], cache)
    consumer.dead_letters.publish(
        [Rejected(r.body, r.error.reason, r.error.detail) for r in result.tally.rejected]
    )
    before = api(admin).get(URL).json()["totals"]

    api(admin).post(DISCARDS, {"all": True}, format="json")
    discard_everything()

    assert api(admin).get(URL).json()["totals"] == before
    assert (before["received"], before["rejected"]) == (1, 1)
    assert queue_depths(settings.RABBITMQ_URL, [DEAD]) == {DEAD: 0}


def test_a_finished_record_can_be_neither_changed_nor_deleted(api, admin, consumer):
    consumer.dead_letters.publish(rejected(b"a"))
    api(admin).post(DISCARDS, {"all": True}, format="json")
    discard_everything()
    record = DeadLetterDiscard.objects.get()
    record.discarded = {}

    for change in (record.save, record.delete):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            change()


@pytest.mark.parametrize(
    "body", [{}, {"all": False}, {"all": True, "message_ids": ["a"]}, {"reason": "conflict"}]
)
def test_a_discard_that_chooses_nothing_or_twice_is_rejected(body, api, admin):
    assert api(admin).post(DISCARDS, body, format="json").status_code == 400
