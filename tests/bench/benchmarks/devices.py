"""Lists of 100,000 devices: the cost of each page, with and without the cache.

Everything is measured by one client, one request after the other, in the same run; the ceiling is
the same service's answer to a user without devices.
"""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from support import Account, Row, row, scratch

TITLE = "Lists of devices, 50 a page"
DEVICES = 100_000
REPETITIONS = 60
IMPORTED = 10_000

_FILL = """
INSERT INTO known_user (id, username, role, is_active, token_version, version, deleted) VALUES
    (%(admin)s, 'admin', 'admin', true, 1, 1, false),
    (%(owner)s, 'owner', 'client', true, 1, 1, false),
    (%(nobody)s, 'nobody', 'client', true, 1, 1, false);
INSERT INTO device (id, name, description, device_type, serial_number, manufacturer, model,
    location, status, timezone, interval_seconds, reading_kind, specifications, created_at,
    updated_at, version)
SELECT gen_random_uuid(), 'Meter of flat ' || n, 'in the cellar', 'smart_meter', 'SN-' || n, 'Acme',
    'M1', 'Street ' || n / 30, CASE WHEN n %% 3 = 0 THEN 'in_stock' ELSE 'deployed' END, 'UTC', 600,
    'interval', '{}', now() - n * interval '1 minute', now(), 1
FROM generate_series(1, %(devices)s) AS n;
INSERT INTO assignment (device_id, user_id, assigned_at, assigned_by, version)
SELECT id, %(owner)s, now(), %(admin)s, 1 FROM device ORDER BY id LIMIT 20;
"""


def medians(
    questions: dict[str, list[tuple[httpx.Client, str]]], repetitions: int
) -> dict[str, list[float]]:
    """Return the milliseconds of the median answer for each client.

    The clients alternate, so that other work of the machine slows all of them alike.
    """
    taken: dict[str, list[list[float]]] = {
        what: [[] for _ in urls] for what, urls in questions.items()
    }
    for repetition in range(repetitions + 3):
        for what, clients in questions.items():
            if what == "search" and repetition % 6:
                continue
            for position, (client, path) in enumerate(clients):
                begin = time.perf_counter()
                client.get(path.format(repetition=repetition)).raise_for_status()
                taken[what][position].append((time.perf_counter() - begin) * 1000)
    return {
        what: [statistics.median(seconds[1:]) for seconds in lists] for what, lists in taken.items()
    }


def path_of(link: str) -> str:
    """Return a link without its origin, which is that of the gateway, and no gateway runs here."""
    return urlsplit(link)._replace(scheme="", netloc="").geturl()


def pages(client: httpx.Client, devices: int) -> dict[str, str]:
    """Return the paths of some pages of the whole list by their names."""
    first = client.get("/api/devices/").json()
    last = client.get("/api/devices/?page=last").json()
    last_page = devices // 50
    return {
        "first page": "/api/devices/",
        # A parameter that means nothing makes each another address, which no cache has seen.
        "first page, never asked for": "/api/devices/?nothing={repetition}",
        "second page, by its link": path_of(first["next"]),
        "middle page, by its number": f"/api/devices/?page={last_page // 2}",
        "last but one, by its link": path_of(last["previous"]),
        "last page, by its number": f"/api/devices/?page={last_page}",
        "first page, newest first": "/api/devices/?ordering=-created_at",
        "last page, newest first": f"/api/devices/?ordering=-created_at&page={last_page}",
        "last page in stock": "/api/devices/in_stock/?page=last",
        "search": "/api/devices/?search=flat+77777",
    }


def measure_lists(
    addresses: list[str], tokens: dict[str, str], devices: int, repetitions: int
) -> dict[str, list[float]]:
    """Return the medians of every request at every address."""
    with ExitStack() as stack:
        clients = [
            {
                name: stack.enter_context(
                    httpx.Client(
                        base_url=f"http://{address}",
                        headers={"Authorization": f"Bearer {token}"},
                        timeout=60,
                    )
                )
                for name, token in tokens.items()
            }
            for address in addresses
        ]
        questions = [
            {
                "nothing (ceiling)": (client["nobody"], "/api/devices/"),
                "a client's 20 devices": (client["owner"], "/api/devices/"),
                **{
                    what: (client["admin"], path)
                    for what, path in pages(client["admin"], devices).items()
                },
            }
            for client in clients
        ]
        return medians(
            {what: [urls[what] for urls in questions] for what in questions[0]}, repetitions
        )


def measure_bulk(address: str, token: str, imported: int) -> dict[str, float]:
    """Return the milliseconds of an import of that many rows, and of the export of all devices."""
    rows = [f"Imported {n},smart_meter,IMPORTED-{n},Hall {n}" for n in range(imported)]
    body = "\n".join(["name,device_type,serial_number,location", *rows]).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}
    medians_by_list = {}
    with httpx.Client(base_url=f"http://{address}", headers=headers, timeout=120) as client:
        for name, query in (("dry run of an import", "?dry_run=true"), ("import", "")):
            begin = time.perf_counter()
            client.post(f"/api/devices/import/{query}", content=body).raise_for_status()
            medians_by_list[f"{name}, {imported:,} rows"] = (time.perf_counter() - begin) * 1000
        begin = time.perf_counter()
        lines = client.get("/api/devices/export/").raise_for_status().text.count("\n")
        medians_by_list[f"export, {lines - 1:,} rows"] = (time.perf_counter() - begin) * 1000
    return medians_by_list


def run(quick: bool) -> list[Row]:
    devices, repetitions, imported = (1_000, 6, 100) if quick else (DEVICES, REPETITIONS, IMPORTED)
    roles = {"admin": "admin", "owner": "client", "nobody": "client"}
    accounts = {name: Account(uuid4(), name, role) for name, role in roles.items()}
    with scratch("device_service", "devices") as service:
        tokens = {name: service.token(account) for name, account in accounts.items()}
        ids = {name: str(account.id) for name, account in accounts.items()}
        service.execute(_FILL, {**ids, "devices": devices})
        service.execute("VACUUM ANALYZE")
        plain = service.web(DEVICE_LIST_CACHE_SECONDS="0")
        with plain as (uncached, _), service.web(DEVICE_LIST_CACHE_SECONDS="60") as (other, _):
            measured = measure_lists([uncached, other], tokens, devices, repetitions)
            bulk = measure_bulk(other, tokens["admin"], imported)
    ceiling, _ = measured["nothing (ceiling)"]
    rows = [
        row(f"{devices:,} devices: {what}", ms, "ms", ceiling=ceiling)
        for what, (ms, _) in measured.items()
    ]
    rows += [row(f"{what}, from the cache", ms, "ms") for what, (_, ms) in measured.items()]
    return [*rows, *(row(what, ms, "ms") for what, ms in bulk.items())]
