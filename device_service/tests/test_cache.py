"""Remembered lists are those of now: a write that was answered shows in the very next list."""

from __future__ import annotations

import logging
import socket
from threading import Thread

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection, transaction

from devices import cache, services
from devices.handlers import HANDLERS
from energy_contracts.events import DeletedData, encode_event, new_event
from service_kit.sync.dispatch import handle_events
from tests.world import device_body

URL = "/api/devices/"


@pytest.fixture(autouse=True)
def remembering(lists_are_read_from_the_database, transactional_db, settings):
    """Lists are remembered, by a store that no other test has disappointed."""
    settings.DEVICE_LIST_CACHE_SECONDS = 60
    cache.store.cache_clear()
    yield
    cache.store.cache_clear()


def elsewhere(work) -> None:
    """Do `work` on a connection of its own, committed when this returns."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()


def test_a_list_asked_for_again_costs_two_small_queries(
    api, admin, make_device, django_assert_num_queries
):
    make_device()
    client = api(admin)
    first = client.get(URL).json()

    # Who asks, and whether anything was changed since.
    with django_assert_num_queries(2):
        again = client.get(URL).json()

    assert again == first


def test_pages_of_one_list_share_their_count(api, admin, make_device, django_assert_num_queries):
    for _ in range(3):
        make_device()
    client = api(admin)
    client.get(f"{URL}?page_size=1")

    # Who asks, what was changed, and the page; not how many there are.
    with django_assert_num_queries(3):
        assert client.get(f"{URL}?page_size=1&page=2").json()["count"] == 3


def test_every_write_shows_in_the_next_list_of_everybody(
    api, admin, alice, bob, boss, settings, make_device
):
    device = make_device(location="Flat 12")
    at = f"{URL}{device.id}/"
    client = api(admin)
    user_deleted = encode_event(
        new_event("user_deleted", version=2, source="x", data=DeletedData(id=alice.id))
    )
    writes = [
        lambda: client.post(URL, device_body(), format="json"),
        lambda: client.patch(at, {"name": "New"}, format="json"),
        lambda: client.put(f"{at}deploy/", {}, format="json"),
        lambda: client.post(f"{at}assignments/", {"user_id": str(alice.id)}, format="json"),
        lambda: client.post(f"{at}assignments/", {"user_id": str(bob.id)}, format="json"),
        lambda: client.delete(f"{at}assignments/{bob.id}/"),
        lambda: client.post(f"{at}assignments/", {"user_id": str(bob.id)}, format="json"),
        lambda: elsewhere(lambda: handle_events([user_deleted], HANDLERS)),
        lambda: client.delete(at),
    ]
    lists = [
        (user, f"{URL}{path}")
        for user in (admin, alice, bob)
        for path in ("", "in_stock/", "deployed/", f"?assigned_to={bob.id}", "?search=new")
    ]

    def seen() -> list:
        answers = [api(user).get(url) for user, url in lists]
        return [answer.json() if answer.status_code == 200 else None for answer in answers]

    for write in writes:
        seen()
        write()

        remembered = seen()
        settings.DEVICE_LIST_CACHE_SECONDS = 0
        assert remembered == seen()
        settings.DEVICE_LIST_CACHE_SECONDS = 60


def test_a_list_read_before_a_write_and_stored_after_it_is_never_found_again(
    admin, boss, make_device
):
    device = make_device()

    def reads_slowly() -> bytes:
        name = services.Device.objects.get(id=device.id).name
        new = {"name": "New"}
        elsewhere(lambda: services.device_update(actor=boss, device_id=device.id, values=new))
        return name.encode()

    before = cache.ListCache(admin).remembered("the name", reads_slowly)
    after = cache.ListCache(admin).remembered(
        "the name", lambda: services.Device.objects.get(id=device.id).name.encode()
    )

    assert (before, after) == (device.name.encode(), b"New")


def test_what_is_not_committed_is_neither_shown_nor_remembered(api, admin, boss, make_device):
    device = make_device()
    client = api(admin)

    def name() -> str:
        return client.get(URL).json()["results"][0]["name"]

    seen = []
    with transaction.atomic():
        services.device_update(actor=boss, device_id=device.id, values={"name": "New"})
        elsewhere(lambda: seen.append(name()))
    elsewhere(lambda: seen.append(name()))

    assert seen == [device.name, "New"]


def test_a_demoted_administrator_is_not_shown_what_they_saw_before(api, admin, make_device):
    make_device()
    client = api(admin)
    assert client.get(URL).json()["count"] == 1

    admin.role, admin.version = "client", 2
    admin.save()

    assert client.get(URL).json()["count"] == 0


def test_what_one_user_saw_is_not_shown_to_another(api, admin, alice, bob, meter):
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


@pytest.mark.parametrize("failure", ["refuses", "hangs", "is full"])
def test_lists_are_right_without_redis_and_the_log_says_so_once(
    api, admin, make_device, settings, caplog, failure
):
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        if failure == "refuses":
            server.close()
        if failure == "is full":
            Thread(target=answer_everything, args=(server, b"-OOM command not allowed\r\n")).start()
        client = api(admin)
        with caplog.at_level(logging.INFO, logger="service_kit.best_effort_redis"):
            for expected in range(1, 4):
                make_device()
                assert client.get(URL).json()["count"] == expected

    assert len([one for one in caplog.records if "lists are not cached" in one.message]) == 1


def answer_everything(server: socket.socket, answer: bytes) -> None:
    """A server of one connection that has one answer to every command."""
    found, _ = server.accept()
    with found:
        while found.recv(65_536):
            found.sendall(answer)
