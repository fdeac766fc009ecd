"""The cache of device lists never returns a list older than an answered write."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Thread
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection, transaction

from devices.inventory import cache
from devices.inventory.cache import DeviceListCache
from devices.inventory.services import device_update
from devices.log.actors import Actor
from devices.models import Device
from devices.sync.handlers import HANDLERS
from energy_contracts.events import DeletedData, encode_event, new_event
from service_kit.testing.deliveries import handle_bodies

from ..world import device_body, user_saved

URL = "/api/devices/"


@pytest.fixture(autouse=True)
def caching(transactional_db):
    """Commit for real, with a Redis client that no other test has disconnected."""
    cache.redis_client.cache_clear()
    yield
    cache.redis_client.cache_clear()


def on_another_connection(work: Callable[[], Any]) -> Any:
    """Return the result of `work`, done and committed on a connection of its own.

    Raises TimeoutError when it waits for a lock of the caller.
    """

    def run() -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '10s'")
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(timeout=60)


def rename(actor: Actor, device: Device, name: str) -> None:
    device_update(actor=actor, device_id=device.id, values={"name": name})


@pytest.fixture
def listed_names(api, admin):
    """A function that returns the names of the list of all devices, read on another connection."""

    def names() -> list[str]:
        answer = on_another_connection(lambda: api(admin).get(f"{URL}?ordering=created_at"))
        return [row["name"] for row in answer.json()["results"]]

    return names


def test_a_cached_list_costs_two_small_queries(api, admin, make_device, django_assert_num_queries):
    make_device()
    client = api(admin)
    first = client.get(URL).json()

    # The user and the list version.
    with django_assert_num_queries(2):
        second = client.get(URL).json()

    assert second == first


def test_pages_of_one_list_share_a_cached_count(api, admin, make_device, django_assert_num_queries):
    for _ in range(3):
        make_device()
    client = api(admin)
    client.get(f"{URL}?page_size=1")

    # The user, the list version, the page and its channels, without a count.
    with django_assert_num_queries(4):
        assert client.get(f"{URL}?page_size=1&page=2").json()["count"] == 3


def test_every_write_appears_in_the_next_list_of_every_user(
    api, admin, alice, bob, boss, settings, make_device
):
    device = make_device(location="Flat 12")
    at = f"{URL}{device.id}/"
    client = api(admin)
    user_deleted = encode_event(
        new_event("user_deleted", version=2, source="x", data=DeletedData(id=alice.id))
    )
    bob_renamed = user_saved(bob.id, 2, username="robert")
    recall = {"action": "recall", "ids": [str(device.id)]}
    file = b"name,device_type,serial_number\nA,sensor,A-1\nNew B,sensor,A-2"
    writes = [
        lambda: client.post(URL, device_body(), format="json"),
        lambda: client.post(f"{URL}import/", file, content_type="text/csv"),
        lambda: client.patch(at, {"name": "New"}, format="json"),
        lambda: client.put(f"{at}deploy/", {}, format="json"),
        lambda: client.post(f"{at}assignments/", {"user_id": str(alice.id)}, format="json"),
        lambda: client.post(f"{at}assignments/", {"user_id": str(bob.id)}, format="json"),
        lambda: on_another_connection(lambda: handle_bodies([bob_renamed], HANDLERS)),
        lambda: client.post(f"{URL}bulk/", recall, format="json"),
        lambda: client.delete(f"{at}assignments/{bob.id}/"),
        lambda: client.post(f"{at}assignments/", {"user_id": str(bob.id)}, format="json"),
        lambda: on_another_connection(lambda: handle_bodies([user_deleted], HANDLERS)),
        lambda: client.delete(at),
    ]
    lists = [
        (user, f"{URL}{path}")
        for user in (admin, alice, bob)
        for path in ("", "in_stock/", "deployed/", f"?assigned_to={bob.id}", "?search=new")
    ]

    def answers() -> list:
        responses = [api(user).get(url) for user, url in lists]
        return [answer.json() if answer.status_code == 200 else None for answer in responses]

    for write in writes:
        before = answers()
        write()

        cached = answers()
        settings.DEVICE_LIST_CACHE_SECONDS = 0
        assert cached == answers() != before
        settings.DEVICE_LIST_CACHE_SECONDS = 60


def test_a_list_read_before_a_write_and_stored_after_it_is_not_served(admin, boss, make_device):
    device = make_device(name="Old")

    def read_name() -> bytes:
        return Device.objects.get(id=device.id).name.encode()

    def read_slowly() -> bytes:
        name = read_name()
        on_another_connection(lambda: rename(boss, device, "New"))
        return name

    slow = DeviceListCache(admin).get_or_make("the name", read_slowly)
    next_value = DeviceListCache(admin).get_or_make("the name", read_name)

    assert (slow, next_value) == (b"Old", b"New")


def test_an_uncommitted_change_is_neither_served_nor_stored(boss, listed_names, make_device):
    device = make_device(name="Old")

    with transaction.atomic():
        rename(boss, device, "New")
        during = listed_names()
    after = listed_names()

    assert (during, after) == (["Old"], ["New"])


def test_a_list_read_inside_a_transaction_is_not_stored(api, admin, boss, make_device):
    device = make_device(name="Old")

    def names() -> list[str]:
        return [row["name"] for row in api(admin).get(URL).json()["results"]]

    with transaction.atomic():
        rename(boss, device, "Rolled back")
        inside = names()
        transaction.set_rollback(True)
    # Raises the list version to what it was inside the transaction.
    rename(boss, device, "New")

    assert (inside, names()) == (["Rolled back"], ["New"])


def test_a_rolled_back_change_leaves_the_cached_list_valid(
    api, admin, boss, make_device, django_assert_num_queries
):
    device = make_device(name="Old")
    client = api(admin)
    before = client.get(URL).json()

    with transaction.atomic():
        rename(boss, device, "Rolled back")
        transaction.set_rollback(True)

    with django_assert_num_queries(2):
        assert client.get(URL).json() == before


@pytest.mark.parametrize("first_committed", [0, 1])
def test_concurrent_writers_do_not_wait_and_each_commit_appears(
    boss, listed_names, make_device, first_committed
):
    devices = [make_device(name="Old"), make_device(name="Old")]
    lists = [listed_names()]

    with transaction.atomic():
        rename(boss, devices[1 - first_committed], "New")
        on_another_connection(lambda: rename(boss, devices[first_committed], "New"))
        lists.append(listed_names())
    lists.append(listed_names())

    middle = ["Old", "Old"]
    middle[first_committed] = "New"
    assert lists == [["Old", "Old"], middle, ["New", "New"]]


def test_a_demoted_administrator_does_not_get_the_lists_cached_before(api, admin, make_device):
    make_device()
    client = api(admin)
    assert client.get(URL).json()["count"] == 1

    admin.role, admin.version = "client", 2
    admin.save()

    assert client.get(URL).json()["count"] == 0


def test_a_cached_list_of_one_user_is_not_served_to_another(api, admin, alice, bob, meter):
    counts = [api(user).get(URL).json()["count"] for user in (admin, alice, bob)]

    assert counts == [1, 1, 0]


def test_an_emptied_redis_is_filled_again(api, admin, make_device, django_assert_num_queries):
    make_device()
    client = api(admin)
    client.get(URL)

    with redis.Redis.from_url(django_settings.REDIS_URL) as server:
        for name in server.scan_iter("devices:*"):
            server.delete(name)
    client.get(URL)

    with django_assert_num_queries(2):
        client.get(URL)


@pytest.mark.parametrize("failure", ["rejects connections", "hangs", "is full"])
def test_lists_are_right_without_redis_and_the_log_reports_it_once(
    api, admin, make_device, settings, caplog, failure
):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        if failure == "rejects connections":
            server.close()
        if failure == "is full":
            Thread(target=answer_everything, args=(server, b"-OOM command not allowed\r\n")).start()
        client = api(admin)
        with caplog.at_level(logging.INFO, logger="service_kit.best_effort_redis"):
            for expected in range(1, 4):
                make_device()
                assert client.get(URL).json()["count"] == expected

    warnings = [record for record in caplog.records if "lists are not cached" in record.message]
    assert len(warnings) == 1


def answer_everything(server: socket.socket, answer: bytes) -> None:
    """Accept one connection and give the same answer to every command."""
    client, _ = server.accept()
    with client:
        while client.recv(65_536):
            client.sendall(answer)


def test_the_migration_keeps_the_list_version_in_both_directions(admin, make_device):
    migration = import_module("devices.migrations.0006_list_version_without_waiting")
    later = import_module("devices.migrations.0007_list_version_of_usernames")
    make_device()
    version = cache._list_version()

    backward = later.BACKWARD + migration.BACKWARD
    for statements in (backward, migration.FORWARD + later.FORWARD):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statements)
            assert cache._list_version() == version
