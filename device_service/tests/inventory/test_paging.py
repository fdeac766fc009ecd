"""Pages hold every row once and in order, reached by link or by number."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from random import Random
from urllib.parse import parse_qs, urlsplit

import pytest

from devices.assignments.services import assignment_create, assignment_end
from devices.inventory.serializers import ORDERINGS
from devices.inventory.services import device_create, device_delete
from devices.models import Device
from service_kit.api import keyset

from ..world import device_body

URL = "/api/devices/"
DEVICES = 23
SIZE = 5


@pytest.fixture
def many(make_device):
    """Create devices that share names, locations and types, so that only their ids differ."""
    random = Random(4)
    for _ in range(DEVICES):
        make_device(
            name=random.choice(["Alpha", "beta", "Gamma"]),
            location=random.choice(["", "Cellar"]),
            device_type=random.choice(["sensor", "gateway"]),
        )


def key(row: dict, ordering: str):
    value = row[ordering.removeprefix("-")]
    is_caseless = ordering.removeprefix("-") in ("name", "serial_number", "location")
    return (value.lower() if is_caseless else value, row["id"])


def follow(client, url: str, link: str) -> list[dict]:
    pages = [client.get(url).json()]
    while pages[-1][link]:
        pages.append(client.get(pages[-1][link]).json())
    return pages


def ids(pages: list[dict]) -> list[str]:
    return [row["id"] for page in pages for row in page["results"]]


@pytest.mark.parametrize("far", [0, keyset.FAR])
@pytest.mark.parametrize("ordering", [*ORDERINGS, *(f"-{field}" for field in ORDERINGS)])
def test_links_and_numbers_lead_through_the_same_pages(
    api, admin, many, monkeypatch, ordering, far
):
    monkeypatch.setattr(keyset, "FAR", far)
    client, url = api(admin), f"{URL}?page_size={SIZE}&ordering={ordering}"

    forward = follow(client, url, "next")
    numbered = [client.get(f"{url}&page={n}").json() for n in range(1, len(forward) + 1)]
    backward = follow(client, f"{url}&page=last", "previous")[::-1]

    rows = [row for page in forward for row in page["results"]]
    expected = sorted(rows, key=lambda row: key(row, ordering), reverse=ordering.startswith("-"))
    assert rows == expected
    assert len({row["id"] for row in rows}) == DEVICES
    assert ids(numbered) == ids(backward) == ids(forward)
    assert {page["count"] for page in [*forward, *numbered, *backward]} == {DEVICES}
    assert [page["previous"] is None for page in backward] == [True] + [False] * 4
    assert [page["next"] is None for page in numbered] == [False] * 4 + [True]


def test_a_changed_page_number_in_a_link_wins_over_the_cursor(api, admin, many):
    client, url = api(admin), f"{URL}?page_size={SIZE}"
    second = client.get(url).json()["next"]
    assert parse_qs(urlsplit(second).query)["page"] == ["2"]

    fourth = client.get(second.replace("page=2", "page=4")).json()

    assert fourth["results"] == client.get(f"{url}&page=4").json()["results"]


def test_following_links_misses_and_repeats_no_device_while_others_change(api, admin, boss, many):
    client = api(admin)
    first = client.get(f"{URL}?page_size={SIZE}").json()
    ids_before = set(Device.objects.values_list("id", flat=True))

    device_create(actor=boss, values=device_body(name="aaa"))
    device_delete(actor=boss, device_id=first["results"][0]["id"])
    rest = follow(client, first["next"], "next")

    listed = ids([first, *rest])
    assert len(listed) == len(set(listed))
    assert {str(device_id) for device_id in ids_before} == set(listed)


def test_pages_of_a_filtered_list_hold_every_match(api, admin, many):
    url = f"{URL}?page_size=3&device_type=sensor&search=beta&ordering=-created_at"

    pages = follow(api(admin), url, "next")

    assert len(ids(pages)) == Device.objects.filter(device_type="sensor", name="beta").count()


@pytest.mark.parametrize("page", ["0", "-1", "6", "x", "²", "9" * 30, "1e1"])
def test_an_invalid_page_number_is_not_found(api, admin, many, page):
    assert api(admin).get(f"{URL}?page_size={SIZE}&page={page}").status_code == 404


def test_the_first_page_of_an_empty_list_is_empty(api, admin):
    answer = api(admin).get(f"{URL}?page=1").json()

    assert answer == {"count": 0, "next": None, "previous": None, "results": []}


def cursor(*values: object) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "é",
        cursor("name", 2, True, "a"),
        cursor("name", 2, True, "a", "not an id"),
        cursor("name", 2, True, "\0", "4c189959-e674-4eaa-8ebb-98fd953657c5"),
        cursor("name", 2, True, "\ud800", "4c189959-e674-4eaa-8ebb-98fd953657c5"),
        cursor("name", True, True, "a", "4c189959-e674-4eaa-8ebb-98fd953657c5"),
        cursor("status", 2, True, "a", "4c189959-e674-4eaa-8ebb-98fd953657c5"),
        cursor(["name"], 2, True, {}, None),
        urlsafe_b64encode(b"[" * 10_000).decode(),
    ],
)
def test_an_invalid_cursor_is_rejected(api, admin, many, text):
    answer = api(admin).get(URL, {"cursor": text})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["cursor"]


def test_a_cursor_with_an_invalid_date_is_rejected(api, admin, many):
    text = cursor("created_at", 2, True, "yesterday", "4c189959-e674-4eaa-8ebb-98fd953657c5")

    assert api(admin).get(URL, {"cursor": text, "ordering": "created_at"}).status_code == 400


@pytest.mark.parametrize("path", ["logs/", "{device}/logs/", "{device}/assignments/?history=true"])
def test_logs_and_assignments_are_paged_in_the_same_way(
    api, admin, alice, bob, boss, make_device, path
):
    device = make_device()
    for user in (alice, bob) * 3:
        assignment_create(actor=boss, device_id=device.id, user_id=user.id)
        assignment_end(actor=boss, device_id=device.id, user_id=user.id)
    url = f"{URL}{path.format(device=device.id)}"
    url += f"{'&' if '?' in url else '?'}page_size=4"
    client = api(admin)

    forward = follow(client, url, "next")
    backward = follow(client, f"{url}&page=last", "previous")[::-1]

    def rows(pages):
        return [row for page in pages for row in page["results"]]

    assert rows(forward) == rows(backward)
    assert len(rows(forward)) == forward[0]["count"] > 4


def test_a_cursor_with_an_id_beyond_the_column_is_rejected(api, admin):
    text = cursor("-id", 2, True, "5", str(2**63))

    assert api(admin).get(f"{URL}logs/", {"cursor": text}).status_code == 400
