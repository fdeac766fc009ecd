"""The time to read a message, token, header or cursor grows no faster than its size."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress

import pytest
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from energy_contracts.errors import ContractError
from energy_contracts.events import decode_event
from energy_contracts.reading import parse_readings
from service_kit.access.authentication import BearerAuthentication
from service_kit.api.keyset import KeysetPagination
from service_kit.api.ordering import Ordering
from service_kit.http.client_address import address_behind_proxies
from service_kit.identity.models import KnownUser
from service_kit.testing.growth import assert_grows_with_its_input

GOOD = '{"timestamp":"2026-03-10T12:00:00Z","device_id":"%s","measurement_value":1}'
READING = GOOD % "4c189959-e674-4eaa-8ebb-98fd953657c5"

MESSAGES: dict[str, Callable[[int], str]] = {
    "good readings": lambda n: "[" + ",".join([READING] * n) + "]",
    "a bad reading at the end": lambda n: "[" + ",".join([READING] * n) + ",1]",
    "bad readings": lambda n: "[" + ",".join(['{"a": "\\ud800"}'] * n) + "]",
    "nested lists": lambda n: "[" * n,
    "nested lists that end": lambda n: "[" * n + "]" * n,
    "nested objects": lambda n: '{"a":' * n,
    "keys": lambda n: "{" + ",".join(f'"k{i}": 1' for i in range(n)) + "}",
    "one key again and again": lambda n: "{" + ",".join(['"data": 1'] * n) + "}",
    "commas": lambda n: "[" + "," * n + "]",
    "quotes": lambda n: "[" + '"' * n,
    "escapes": lambda n: '["' + "\\" * n,
    "digits": lambda n: READING.replace(":1}", ":1" + "0" * n + "}"),
    "decimals": lambda n: READING.replace(":1}", ":0." + "1" * n + "}"),
    "digits of a second": lambda n: READING.replace("00Z", "00." + "1" * n + "Z"),
    "times": lambda n: "[" + "0:00.1234567" * n,
    "blanks": lambda n: " " * n + "[" + " " * n,
    "NUL": lambda n: "\0" * n,
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_of_readings_is_read_in_a_time_that_its_size_explains(name: str) -> None:
    assert_grows_with_its_input(lambda size: list(parse_readings(MESSAGES[name](size).encode())))


@pytest.mark.parametrize("name", MESSAGES)
def test_an_event_is_read_in_a_time_that_its_size_explains(name: str) -> None:
    def work(size: int) -> None:
        with suppress(ContractError):
            decode_event(MESSAGES[name](size).encode())

    assert_grows_with_its_input(work)


TEXTS: dict[str, Callable[[int], str]] = {
    "letters": lambda n: "x" * n,
    "dots": lambda n: "." * n,
    "three parts": lambda n: ".".join(["e30" * n] * 3),
    "commas": lambda n: "1," * n,
    "colons": lambda n: "1:" * n,
    "blanks": lambda n: " " * n + "x",
    "nested": lambda n: _base64("[" * n),
    "digits": lambda n: _base64("[" + "9" * n + "]"),
    "many parts": lambda n: _base64(json.dumps(["username"] * n)),
    "a long key": lambda n: _base64(json.dumps(["username", 2, True, "x" * n, "y" * n])),
}


def _base64(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize("name", TEXTS)
def test_a_token_is_rejected_in_a_time_that_its_length_explains(name: str) -> None:
    def work(size: int) -> None:
        with suppress(APIException):
            BearerAuthentication().authenticate_token(TEXTS[name](size))

    assert_grows_with_its_input(work)


class UncountedPagination(KeysetPagination):
    is_counted = False


@pytest.mark.parametrize("name", TEXTS)
def test_a_cursor_is_rejected_in_a_time_that_its_length_explains(name: str) -> None:
    users = Ordering.by("username").sort(KnownUser.objects.all())

    def work(size: int) -> None:
        request = Request(APIRequestFactory().get("/", {"cursor": TEXTS[name](size)}))
        with pytest.raises(APIException):
            UncountedPagination().paginate_queryset(users, request)

    assert_grows_with_its_input(work)


@pytest.mark.parametrize("name", TEXTS)
def test_a_forwarding_header_is_read_in_a_time_that_its_length_explains(name: str) -> None:
    assert_grows_with_its_input(lambda size: address_behind_proxies(TEXTS[name](size), "127.0.0.1"))


def test_quadratic_work_is_noticed_and_linear_work_is_not() -> None:
    def quadratic_work(size: int) -> int:
        return sum(1 for _ in range(size) for _ in range(size // 50))

    assert_grows_with_its_input(lambda size: sum(1 for _ in range(100 * size)))
    with pytest.raises(AssertionError, match="times as long"):
        assert_grows_with_its_input(quadratic_work)
