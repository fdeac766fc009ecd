"""A hundred meters from the file to the flat and back: client, log, events and monitoring agree."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from uuid import uuid4

import psycopg2
import pytest
import websockets

from service_kit.testing.waiting import wait_until

from ...support.installation import Installation, Session, World

METERS = 100

#: Seconds within which an open socket must know that a device was unassigned.
AT_ONCE = 2.0


def csv_of(prefix: str, meters: int = METERS) -> str:
    rows = [
        f'{prefix} {n:03},smart_meter,{prefix}-{n:03},"Store, shelf {n % 7}",2.5'
        for n in range(meters)
    ]
    return "\n".join(["name,device_type,serial_number,location,max_consumption", *rows])


def send_csv(session: Session, text: str, query: str = ""):
    return session.request(
        "POST",
        f"/api/devices/import/{query}",
        content=text.encode(),
        headers={"Content-Type": "text/csv"},
    )


def all_rows(session: Session, path: str, **query: object) -> list[dict]:
    """Return every row of a list; the links lead from page to page."""
    page = session.get(path, page_size=40, **query).json()
    rows = page["results"]
    while page["next"]:
        page = session.request("GET", page["next"]).json()
        rows += page["results"]
    return rows


def listed(session: Session, path: str = "/api/devices/", **query: object) -> set[str]:
    return {row.get("id") or row["device_id"] for row in all_rows(session, path, **query)}


def reconciled(installation: Installation) -> str:
    """Return the output of monitoring's `reconcile` once a fresh snapshot is applied."""
    for service in ("auth_service", "device_service"):
        installation.ems("manage", service, "publish_snapshot")

    def content() -> str | None:
        done = installation.ems("manage", "monitoring_service", "reconcile", check=False)
        return done.stdout if done.returncode == 0 else None

    return wait_until(content, 60, "monitoring's copies never agreed")


@pytest.fixture
def prefix() -> str:
    return f"SN{uuid4().hex[:6]}"


def test_all_services_agree_after_a_hundred_devices_went_through_their_life_cycle(
    installation: Installation, world: World, prefix: str
):
    admin = world.admin
    client, client_id = world.client("tenant")

    # A file is tried, then imported.
    dry = send_csv(admin, csv_of(prefix), "?dry_run=true").json()
    assert (dry["rows"], dry["refused"], dry["created"]) == (METERS, 0, 0)
    assert listed(admin, search=prefix) == set()
    answer = send_csv(admin, csv_of(prefix))
    assert answer.status_code == 201, answer.text
    ids = [line["id"] for line in answer.json()["report"]]
    assert listed(admin, search=prefix) == listed(admin, "/api/devices/in_stock/", search=prefix)
    assert listed(admin, search=prefix) == set(ids)

    # The same file again is rejected as a whole.
    again = send_csv(admin, csv_of(prefix))
    assert (again.status_code, again.json()["refused"]) == (400, METERS)

    # Deployed and assigned, they are the client's, here and in monitoring.
    for n, device_id in enumerate(ids):
        answer = admin.request(
            "PUT", f"/api/devices/{device_id}/deploy/", json={"location": f"Flat {n}"}
        )
        assert answer.json()["status"] == "deployed", answer.text
        world.assign(device_id, client_id)
    assert listed(client) == set(ids)
    assert listed(admin, "/api/devices/deployed/", assigned_to=client_id) == set(ids)
    wait_until(lambda: listed(client, "/api/monitoring/devices/") == set(ids))

    # Half are unassigned and recalled; one of them is retired and deleted.
    back = ids[: METERS // 2]
    for device_id in back:
        path = f"/api/devices/{device_id}/"
        assert admin.request("DELETE", f"{path}assignments/{client_id}/").status_code == 204
        assert client.get(path).status_code == 404
        assert admin.request("PUT", f"{path}recall/", json={}).json()["status"] == "in_stock"
    path = f"/api/devices/{back[0]}/"
    assert admin.request("PUT", f"{path}retire/", json={"notes": "broken"}).status_code == 200
    answer = admin.request("PUT", f"{path}deploy/", json={"location": "Flat 1"})
    assert (answer.status_code, answer.json()["allowed"]) == (409, [])
    assert admin.request("DELETE", path).status_code == 204
    remaining = set(ids) - set(back)
    assert listed(client) == remaining
    wait_until(lambda: listed(client, "/api/monitoring/devices/") == remaining)

    # The log tells it, and so do the events, version by version.
    log = Counter(
        entry["action"]
        for device_id in ids
        for entry in all_rows(admin, f"/api/devices/{device_id}/logs/")
    )
    assert log == {
        "created": METERS,
        "status_changed": METERS + len(back) + 1,
        "assigned": METERS,
        "unassigned": len(back),
        "deleted": 1,
    }
    rows = installation.query(
        "device_service",
        "SELECT body::json->'data'->>'id', body::json->'data'->>'device_id', event_type,"
        " (body::json->>'version')::bigint FROM outbox_event ORDER BY id",
    )
    events = [(device or pair, event_type, version) for device, pair, event_type, version in rows]
    mine = [event for event in events if event[0] in set(ids) and event[1] != "snapshot_published"]
    assert Counter(event_type for _, event_type, _ in mine) == {
        "device_created": log["created"],
        "device_updated": log["status_changed"],
        "device_assigned": log["assigned"],
        "device_unassigned": log["unassigned"],
        "device_deleted": log["deleted"],
    }
    for device_id in ids:
        versions = [v for each, kind, v in mine if each == device_id and "signed" not in kind]
        assert versions == list(range(1, len(versions) + 1))

    # Monitoring's copy is what the owner has: by the rows, and as the platform itself finds out.
    owned = installation.query(
        "device_service",
        "SELECT id::text, version, deleted_at IS NOT NULL FROM device WHERE id::text = ANY(%s)",
        ids,
    )
    wait_until(
        lambda: (
            sorted(owned)
            == sorted(
                installation.query(
                    "monitoring_service",
                    "SELECT device_id::text, version, deleted FROM device"
                    " WHERE device_id::text = ANY(%s)",
                    ids,
                )
            )
        )
    )
    output = reconciled(installation)
    assert all(f"{subject}: " in output for subject in ("user", "device", "assignment"))


def test_an_exported_file_can_be_imported(world: World, prefix: str):
    admin, meters = world.admin, 3
    assert send_csv(admin, csv_of(prefix, meters)).status_code == 201

    exported = admin.get("/api/devices/export/", search=prefix, status="in_stock")
    assert exported.status_code == 200
    assert len(exported.text.splitlines()) == 1 + meters
    taken = send_csv(admin, exported.text, "?dry_run=true").json()
    renamed = send_csv(admin, exported.text.replace(prefix, f"{prefix}x"), "?dry_run=true").json()

    assert taken["refused"] == taken["rows"] == meters
    assert (renamed["refused"], renamed["rows"]) == (0, meters)


def test_an_unassigned_device_disappears_from_monitoring_and_open_sockets_at_once(
    installation: Installation, world: World
):
    client, client_id = world.client("watcher")
    device_id = world.device(client_id, name="Watched")
    wait_until(lambda: listed(client, "/api/monitoring/devices/") == {device_id})

    async def watch() -> float:
        """Return the seconds from the answer to the unassignment to its frame on the socket."""
        url = installation.url.replace("http", "ws", 1) + "/ws/monitoring/"
        async with websockets.connect(url, origin=installation.url) as socket:
            await socket.send(json.dumps({"type": "authenticate", "token": client.token}))
            await expect(socket, "authenticated")
            await socket.send(json.dumps({"type": "subscribe", "device_ids": [device_id]}))
            assert (await expect(socket, "subscribed"))["device_ids"] == [device_id]
            path = f"/api/devices/{device_id}/assignments/{client_id}/"
            answer = await asyncio.to_thread(world.admin.request, "DELETE", path)
            assert answer.status_code == 204
            begin = time.monotonic()
            await receive_update(socket)
            return time.monotonic() - begin

    async def expect(socket, kind: str) -> dict:
        while True:
            frame = json.loads(await asyncio.wait_for(socket.recv(), 20))
            if frame["type"] == kind:
                return frame

    async def receive_update(socket) -> None:
        """Return when the socket is closed for lost access, or its subscription is empty."""
        try:
            while True:
                frame = json.loads(await asyncio.wait_for(socket.recv(), 20))
                if frame["type"] == "subscribed" and frame["device_ids"] == []:
                    return
        except websockets.ConnectionClosed as closed:
            if closed.rcvd is None or closed.rcvd.code != 4403:
                raise

    assert asyncio.run(watch()) < AT_ONCE
    assert client.get(f"/api/devices/{device_id}/").status_code == 404
    assert listed(client, "/api/monitoring/devices/") == set()
    assert world.hours_answer(client, device_id).status_code == 404


def test_the_services_own_database_role_cannot_touch_the_log(installation: Installation):
    for statement in (
        "UPDATE device_log SET actor_name = 'nobody'",
        "DELETE FROM device_log",
        "TRUNCATE device_log",
        "ALTER TABLE device_log DISABLE TRIGGER ALL",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            installation.query("device_service", statement)
