"""The broker's definitions: least rights, plain durable queues, dead letters for each."""

from __future__ import annotations

import re

import pytest

from ems_tool.configuration import credentials
from ems_tool.servers import rabbitmq

KINDS = ("configure", "write", "read")


@pytest.fixture
def definitions():
    secrets = credentials.Secrets()
    secrets.complete()
    return rabbitmq.definitions(secrets)


def may(definitions, user: str, kind: str, resource: str) -> bool:
    (rights,) = (entry for entry in definitions["permissions"] if entry["user"] == user)
    return re.search(rights[kind], resource) is not None


def test_the_broker_has_no_guest_and_no_administrator(definitions):
    assert {user["name"] for user in definitions["users"]} == set(credentials.BROKER_USERS)
    assert all(user["tags"] == [] for user in definitions["users"])


def allowed(definitions, user: str, *more: str) -> set[tuple[str, str]]:
    resources = ["sync_exchange", "dead_letter_exchange", "amq.default", *rabbitmq.queues(), *more]
    return {
        (kind, resource)
        for kind in KINDS
        for resource in resources
        if may(definitions, user, kind, resource)
    }


def test_a_meter_may_publish_and_nothing_else(definitions):
    assert allowed(definitions, "meters") == {("write", "amq.default")}


def test_a_client_that_declares_may_declare_the_queue_of_readings_besides(monkeypatch):
    monkeypatch.setenv("EMS_DECLARING_CLIENTS", "True")
    secrets = credentials.Secrets()
    secrets.complete()

    defined = rabbitmq.definitions(secrets)

    assert allowed(defined, "declaring_meters") == {
        ("configure", "device_data_queue"),
        ("write", "amq.default"),
    }
    assert allowed(defined, "meters") == {("write", "amq.default")}


def test_a_user_for_clients_that_declare_exists_only_if_the_setting_is_on(definitions):
    assert "declaring_meters" not in {user["name"] for user in definitions["users"]}


def test_switched_off_again_the_user_for_clients_that_declare_keeps_no_right(monkeypatch):
    monkeypatch.setenv("EMS_DECLARING_CLIENTS", "True")
    secrets = credentials.Secrets()
    secrets.complete()
    monkeypatch.setenv("EMS_DECLARING_CLIENTS", "False")

    defined = rabbitmq.definitions(secrets)

    (user,) = (entry for entry in defined["users"] if entry["name"] == "declaring_meters")
    assert user["password_hash"] == ""
    assert allowed(defined, "declaring_meters") == set()


def test_a_listener_reads_events_in_queues_of_its_own_and_writes_to_no_exchange(definitions):
    assert allowed(definitions, "listener", "listener.mine") == {
        ("read", "sync_exchange"),
        ("configure", "listener.mine"),
        ("write", "listener.mine"),
        ("read", "listener.mine"),
    }


def test_dead_letters_are_written_by_services_alone(definitions):
    writers = {
        user["name"]
        for user in definitions["users"]
        if may(definitions, user["name"], "write", "dead_letter_exchange")
    }

    assert writers == set(rabbitmq.SYNCED)


def test_auth_service_only_publishes_events(definitions):
    assert allowed(definitions, "auth_service") == {
        ("configure", "sync_exchange"),
        ("write", "sync_exchange"),
    }


def test_no_service_reaches_the_queues_of_another(definitions):
    for kind in KINDS:
        assert not may(definitions, "device_service", kind, "sync_queue.monitoring_service")
        assert not may(definitions, "device_service", kind, "device_data_queue")
        assert not may(definitions, "monitoring_service", kind, "sync_queue.device_service")
        assert may(definitions, "monitoring_service", kind, "device_data_queue")


def test_queues_are_plain_so_that_a_client_may_declare_them_by_name(definitions):
    assert all(queue["durable"] and queue["arguments"] == {} for queue in definitions["queues"])
    assert {queue["name"] for queue in definitions["queues"]} == set(rabbitmq.queues())


def test_every_queue_has_dead_letters_by_policy(definitions):
    names = {queue["name"] for queue in definitions["queues"]}
    served = {name for name in names if not name.endswith(".dead")}

    for name in served:
        (policy,) = (
            entry for entry in definitions["policies"] if re.search(entry["pattern"], name)
        )
        assert policy["definition"]["dead-letter-exchange"] == "dead_letter_exchange"
        key = policy["definition"]["dead-letter-routing-key"]
        targets = {
            binding["destination"]
            for binding in definitions["bindings"]
            if binding["source"] == "dead_letter_exchange" and binding["routing_key"] == key
        }
        assert targets == {f"{name}.dead"}
        assert f"{name}.dead" in names
    dead = names - served
    assert not any(re.search(p["pattern"], name) for p in definitions["policies"] for name in dead)
