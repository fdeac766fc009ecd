"""The broker's definitions: least rights, plain durable queues, dead letters for each."""

from __future__ import annotations

import re

import pytest

from ems_tool import credentials, rabbitmq

KINDS = ("configure", "write", "read")


@pytest.fixture
def definitions():
    secrets = credentials.Secrets()
    secrets.complete()
    return rabbitmq.definitions(secrets)


def may(definitions, user: str, kind: str, resource: str) -> bool:
    (found,) = (one for one in definitions["permissions"] if one["user"] == user)
    return re.search(found[kind], resource) is not None


def test_there_is_no_guest_and_nobody_administers(definitions):
    assert {one["name"] for one in definitions["users"]} == set(credentials.BROKER_USERS)
    assert all(one["tags"] == [] for one in definitions["users"])


def test_a_meter_may_declare_and_fill_the_queue_of_readings_and_nothing_else(definitions):
    assert may(definitions, "meters", "configure", "device_data_queue")
    assert may(definitions, "meters", "write", "amq.default")

    for resource in ("sync_exchange", "sync_queue.device_service", "device_data_queue.dead"):
        assert not any(may(definitions, "meters", kind, resource) for kind in KINDS)
    assert not may(definitions, "meters", "read", "device_data_queue")


def test_auth_service_only_publishes_events(definitions):
    allowed = {
        (kind, resource)
        for kind in KINDS
        for resource in ["sync_exchange", "amq.default", *rabbitmq.queues()]
        if may(definitions, "auth_service", kind, resource)
    }

    assert allowed == {("configure", "sync_exchange"), ("write", "sync_exchange")}


def test_no_service_reaches_the_queues_of_another(definitions):
    for kind in KINDS:
        assert not may(definitions, "device_service", kind, "sync_queue.monitoring_service")
        assert not may(definitions, "device_service", kind, "device_data_queue")
        assert not may(definitions, "monitoring_service", kind, "sync_queue.device_service")
        assert may(definitions, "monitoring_service", kind, "device_data_queue")


def test_queues_are_plain_so_that_a_client_may_declare_them_by_name(definitions):
    assert all(one["durable"] and one["arguments"] == {} for one in definitions["queues"])
    assert {one["name"] for one in definitions["queues"]} == set(rabbitmq.queues())


def test_every_queue_has_dead_letters_by_policy(definitions):
    names = {one["name"] for one in definitions["queues"]}
    served = {name for name in names if not name.endswith(".dead")}

    for name in served:
        (policy,) = (one for one in definitions["policies"] if re.search(one["pattern"], name))
        assert policy["definition"]["dead-letter-routing-key"] == f"{name}.dead"
        assert f"{name}.dead" in names
    dead = names - served
    assert not any(re.search(p["pattern"], name) for p in definitions["policies"] for name in dead)
