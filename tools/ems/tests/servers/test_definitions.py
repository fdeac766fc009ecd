"""The broker's definitions: least rights, plain durable queues, dead letters for each."""

from __future__ import annotations

import re

import pytest

from ems_tool.configuration import credentials
from ems_tool.servers import broker_definitions

KINDS = ("configure", "write", "read")


@pytest.fixture
def definitions():
    secrets = credentials.Secrets()
    secrets.complete()
    return broker_definitions.definitions(secrets)


def may(definitions, user: str, vhost: str, kind: str, resource: str) -> bool:
    return any(
        re.search(rights[kind], resource)
        for rights in definitions["permissions"]
        if (rights["user"], rights["vhost"]) == (user, vhost)
    )


def test_the_broker_has_no_guest_and_no_administrator(definitions):
    assert {user["name"] for user in definitions["users"]} == set(credentials.BROKER_USERS)
    assert all(user["tags"] == [] for user in definitions["users"])


def allowed(definitions, user: str, *more: str) -> set[tuple[str, str, str]]:
    """Return the rights of a user as (virtual host, kind, resource)."""
    queues = {name for names in broker_definitions.queues().values() for name in names}
    resources = ["sync_exchange", "dead_letter_exchange", "amq.default", *queues, *more]
    return {
        (vhost, kind, resource)
        for vhost in ("/", "platform")
        for kind in KINDS
        for resource in resources
        if may(definitions, user, vhost, kind, resource)
    }


def test_a_meter_may_publish_and_nothing_else(definitions):
    assert allowed(definitions, "meters") == {("/", "write", "amq.default")}


def test_a_meter_cannot_connect_to_the_virtual_host_of_the_platform(definitions):
    vhosts = {entry["vhost"] for entry in definitions["permissions"] if entry["user"] == "meters"}

    assert vhosts == {"/"}


def test_a_client_that_declares_may_declare_the_queue_of_readings_besides(monkeypatch):
    monkeypatch.setenv("EMS_DECLARING_CLIENTS", "True")
    secrets = credentials.Secrets()
    secrets.complete()

    defined = broker_definitions.definitions(secrets)

    assert allowed(defined, "declaring_meters") == {
        ("/", "configure", "device_data_queue"),
        ("/", "write", "amq.default"),
    }
    assert allowed(defined, "meters") == {("/", "write", "amq.default")}


def test_a_user_for_clients_that_declare_exists_only_if_the_setting_is_on(definitions):
    assert "declaring_meters" not in {user["name"] for user in definitions["users"]}


def test_switched_off_again_the_user_for_clients_that_declare_keeps_no_right(monkeypatch):
    monkeypatch.setenv("EMS_DECLARING_CLIENTS", "True")
    secrets = credentials.Secrets()
    secrets.complete()
    monkeypatch.setenv("EMS_DECLARING_CLIENTS", "False")

    defined = broker_definitions.definitions(secrets)

    (user,) = (entry for entry in defined["users"] if entry["name"] == "declaring_meters")
    assert user["password_hash"] == ""
    assert allowed(defined, "declaring_meters") == set()


def test_a_listener_reads_events_in_queues_of_its_own_and_writes_to_no_exchange(definitions):
    assert allowed(definitions, "listener", "listener.mine") == {
        ("platform", "read", "sync_exchange"),
        ("platform", "configure", "listener.mine"),
        ("platform", "write", "listener.mine"),
        ("platform", "read", "listener.mine"),
    }


def test_dead_letters_are_written_by_services_alone(definitions):
    writers = {
        (entry["name"], vhost)
        for entry in definitions["users"]
        for vhost in ("/", "platform")
        if may(definitions, entry["name"], vhost, "write", "dead_letter_exchange")
    }

    assert writers == {
        ("monitoring_service", "/"),
        ("monitoring_service", "platform"),
        ("device_service", "platform"),
    }


def test_auth_service_only_publishes_events(definitions):
    assert allowed(definitions, "auth_service") == {
        ("platform", "configure", "sync_exchange"),
        ("platform", "write", "sync_exchange"),
    }


def test_no_service_reaches_the_queues_of_another(definitions):
    reached = {
        user: {resource for _, _, resource in allowed(definitions, user)}
        for user in broker_definitions.SYNCED
    }

    assert not reached["device_service"] & {"sync_queue.monitoring_service", "device_data_queue"}
    assert "sync_queue.device_service" not in reached["monitoring_service"]
    assert {("/", kind, "device_data_queue") for kind in KINDS} <= allowed(
        definitions, "monitoring_service"
    )


def test_queues_are_plain_so_that_a_client_may_declare_them_by_name(definitions):
    assert all(entry["durable"] and entry["arguments"] == {} for entry in definitions["queues"])
    assert {(entry["vhost"], entry["name"]) for entry in definitions["queues"]} == {
        (vhost, name) for vhost, names in broker_definitions.queues().items() for name in names
    }


@pytest.mark.parametrize("vhost", ["/", "platform"])
def test_every_queue_has_dead_letters_by_policy(definitions, vhost):
    def of_vhost(kind: str) -> list[dict]:
        return [entry for entry in definitions[kind] if entry["vhost"] == vhost]

    names = {entry["name"] for entry in of_vhost("queues")}
    served = {name for name in names if not name.endswith(".dead")}
    policies = of_vhost("policies")

    for name in served:
        (policy,) = (entry for entry in policies if re.search(entry["pattern"], name))
        assert policy["definition"]["dead-letter-exchange"] == "dead_letter_exchange"
        key = policy["definition"]["dead-letter-routing-key"]
        targets = {
            entry["destination"]
            for entry in of_vhost("bindings")
            if entry["source"] == "dead_letter_exchange" and entry["routing_key"] == key
        }
        assert targets == {f"{name}.dead"}
        assert f"{name}.dead" in names
    dead = names - served
    assert not any(re.search(p["pattern"], name) for p in policies for name in dead)
