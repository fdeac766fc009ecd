"""Sockets receive the hours of the channels that their subscription names."""

from __future__ import annotations

import json

import pytest

from monitoring.ingest.pipeline import store_messages
from monitoring.live.publisher import LiveUpdatePublisher
from monitoring.live.pushes import HoursPush, HourUpdate

from ..ingest.batches import message
from ..live.pushes import send_push
from ..live.sockets import Socket
from .support import EXPORT, MAIN, have_channels, reading

pytestmark = pytest.mark.django_db(transaction=True)


def store_and_push(cache, *readings: dict) -> None:
    """Store a batch and push its hours, as the ingest process does."""
    result = store_messages([json.dumps(each).encode() for each in readings], cache)
    LiveUpdatePublisher().push_hours(result.hours)


def test_a_subscription_receives_the_channels_that_it_names(url, issuer, alice, meter, cache):
    have_channels(meter, MAIN, EXPORT)
    with Socket(url) as socket:
        answer = socket.listen(issuer.token(alice), meter, channels=["export", "main"])
        store_and_push(cache, message(meter, 0, 0.1), reading(meter, "export", 0, 0.7))
        frames = [socket.hear(), socket.hear()]

    assert answer["channels"] == ["export", "main"]
    assert {
        frame["channel"]: (frame["total_consumption"], frame["last_reading_value"])
        for frame in frames
    } == {"main": (0.1, 0.1), "export": (0.7, 0.7)}


def test_a_subscription_that_names_no_channel_receives_main_alone(url, issuer, alice, meter, cache):
    """An older client takes each hour for one of the device."""
    have_channels(meter, MAIN, EXPORT)
    with Socket(url) as socket:
        answer = socket.listen(issuer.token(alice), meter)
        store_and_push(cache, reading(meter, "export", 0, 0.7))
        store_and_push(cache, message(meter, 60, 0.1))
        frame = socket.hear()

    assert answer == {"type": "subscribed", "device_ids": [str(meter)]}
    assert (frame["channel"], frame["total_consumption"]) == ("main", 0.1)


def test_a_push_of_a_former_release_is_one_of_main(url, issuer, alice, meter):
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        send_push(HoursPush([HourUpdate(meter, "2026-03-10T12:00:00Z", '{"type": "old"}')]))

        assert socket.hear() == {"type": "old"}


@pytest.mark.parametrize("channels", ["export", [1], {"export": True}, None])
def test_channels_that_are_no_list_of_codes_are_a_bad_frame(url, issuer, alice, meter, channels):
    with Socket(url) as socket:
        answer = socket.listen(issuer.token(alice), meter, channels=channels)

    assert (answer["type"], answer["code"]) == ("error", "bad_frame")


def test_more_channels_than_a_device_can_have_are_too_many(url, issuer, alice, meter):
    with Socket(url) as socket:
        answer = socket.listen(issuer.token(alice), meter, channels=[str(n) for n in range(101)])

    assert answer["code"] == "too_many"
