"""An installation as its users see it: the command, the gateway, the broker.

Nothing here imports the platform. HTTP requests go through the gateway; messages are
published by a plain AMQP client that knows a queue's name.
"""

from __future__ import annotations

import functools
import http.client
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pika
import psycopg2

from service_kit.broker.connection import with_own_socket_pair
from service_kit.testing.waiting import wait_until

ROOT = Path(__file__).parents[2]

READINGS_QUEUE = "device_data_queue"

#: Hours one request may ask for.
MAX_HOURS = 2_000


def parse(answer: httpx.Response) -> Any:
    """Return the body, numbers exactly as they were written."""
    return json.loads(answer.content, parse_float=Decimal)


class Session:
    """A logged-in program; logs in again when its token has run out."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.username, self.password = username, password
        self.http = httpx.Client(base_url=url, timeout=30)
        self.login()

    def login(self) -> None:
        body = {"username": self.username, "password": self.password}
        answer = self.http.post("/api/auth/token/", json=body)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = self.http.request(method, path, **options)
        if answer.status_code == 401:
            self.login()
            answer = self.http.request(method, path, **options)
        return answer

    def get(self, path: str, **query: Any) -> httpx.Response:
        # Without parameters None: an empty mapping would remove the query of the path.
        return self.request("GET", path, params=query or None)

    def post(self, path: str, body: object = None) -> httpx.Response:
        return self.request("POST", path, json=body)


class Installation:
    """One platform, started and stopped by `./ems` in a home of its own."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.url = f"http://127.0.0.1:{port}"
        # All tests log in from one address, and mostly as one administrator.
        settings = {"EMS_SIGN_INS_PER_MINUTE": "60000", "EMS_REQUESTS_PER_MINUTE": "600000"}
        # Off by default; one test is about clients that declare.
        settings["EMS_DECLARING_CLIENTS"] = "True"
        self.environment = {**settings, **os.environ, "EMS_HOME": str(home), "EMS_PORT": str(port)}

    # The command.

    def ems(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(ROOT / "ems"), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done

    def start_replay(self, file: Path, device_id: str, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                str(ROOT / "ems"),
                "simulate",
                "replay",
                str(file),
                "--device-id",
                device_id,
                *options,
            ],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def replay(self, file: Path, device_id: str, *options: str) -> str:
        """Replay a file and return the output; fail unless every reading was confirmed."""
        replay = self.start_replay(file, device_id, *options)
        output, _ = replay.communicate(timeout=300)
        assert replay.returncode == 0, output
        return output

    def status(self) -> dict[str, Any]:
        return json.loads(self.ems("status", "--json").stdout)

    def process(self, name: str) -> dict[str, Any]:
        return next(process for process in self.status()["processes"] if process["name"] == name)

    @functools.cached_property
    def ports(self) -> dict[str, int]:
        """The port of each process; it never changes while the installation exists."""
        return self.status()["ports"]

    @functools.cached_property
    def credentials(self) -> dict[str, Any]:
        """The logins that `./ems credentials` prints; they never change either."""
        return json.loads(self.ems("credentials", "--json").stdout)

    def secrets(self) -> dict[str, Any]:
        return json.loads((self.home / "secrets.json").read_text())

    # HTTP.

    def admin(self) -> Session:
        login = self.credentials["admin"]
        return Session(self.url, login["username"], login["password"])

    def session(self, username: str, password: str) -> Session:
        return Session(self.url, username, password)

    def status_of(self, path: str) -> int:
        """Return the status of a path, sent exactly as written: httpx would normalize it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(connection):
            connection.putrequest("GET", path)
            connection.endheaders()
            return connection.getresponse().status

    # The broker.

    @property
    def broker_url(self) -> str:
        return self.credentials["broker"]["url"]

    @contextmanager
    def channel(self, user: str | None = None, vhost: str = "/") -> Iterator[Any]:
        """Yield a channel as a meter has it, or as another user of the broker in a virtual host."""
        url = self.broker_url
        if user is not None:
            password = self.secrets()["rabbitmq"][user]
            url = f"amqp://{user}:{password}@{url.rsplit('@', 1)[1]}{vhost.removeprefix('/')}"
        parameters = pika.URLParameters(url)
        with with_own_socket_pair(lambda: pika.BlockingConnection(parameters)) as connection:
            yield connection.channel()

    def publish(self, *bodies: object) -> None:
        """Publish as a meter does: to the default exchange, with the queue's name."""
        with self.channel() as channel:
            channel.confirm_delivery()
            for body in bodies:
                text = body if isinstance(body, bytes) else json.dumps(body).encode()
                persistent = pika.BasicProperties(delivery_mode=2)
                channel.basic_publish("", READINGS_QUEUE, text, persistent, mandatory=True)

    def take_dead_letters(self) -> list[tuple[str, bytes]]:
        """Remove all dead letters of readings; return the reason and the body of each."""
        rows = []
        with self.channel("monitoring_service", "platform") as channel:
            while True:
                method, properties, body = channel.basic_get(f"{READINGS_QUEUE}.dead", True)
                if method is None:
                    return rows
                rows.append((properties.headers["x-reason"], body))

    def depth(self, queue: str) -> int:
        """Return the number of messages in a queue that no consumer has taken."""
        vhost = "/" if queue == READINGS_QUEUE else "platform"
        with self.channel("monitoring_service", vhost) as channel:
            return channel.queue_declare(queue, passive=True).method.message_count

    # The databases, where a test is about what a service knows.

    @contextmanager
    def database(self, service: str) -> Iterator[psycopg2.extensions.connection]:
        """Yield a connection to the database of a service, with the service's rights."""
        connection = psycopg2.connect(
            host="127.0.0.1",
            port=self.ports["postgres"],
            dbname=f"{service.removesuffix('_service')}_db",
            user=service,
            password=self.secrets()["postgres"][service],
        )
        with closing(connection):
            yield connection

    def query(self, service: str, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        with self.database(service) as connection, connection, connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()


class World:
    """An administrator's work, and what clients and meters do."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.admin = installation.admin()

    def client(self, name: str = "client") -> tuple[Session, str]:
        """Create a client; return its session and its id."""
        username, password = f"{name}-{uuid4().hex[:8]}", f"a-{uuid4().hex}"
        body = {"username": username, "password": password, "role": "client"}
        answer = self.admin.post("/api/users/", body)
        assert answer.status_code == 201, answer.text
        session = self.installation.session(username, password)
        wait_until(lambda: session.get("/api/monitoring/devices/").status_code == 200)
        return session, answer.json()["id"]

    def device(self, owner_id: str | None = None, **fields: object) -> str:
        """Create a device, assign it to a client, wait until monitoring knows it; return its id."""
        body = {
            "name": "Meter",
            "device_type": "smart_meter",
            "serial_number": uuid4().hex,
            **fields,
        }
        answer = self.admin.post("/api/devices/", body)
        assert answer.status_code == 201, answer.text
        device_id = answer.json()["id"]
        if owner_id is not None:
            self.assign(device_id, owner_id)
        wait_until(lambda: self.hours_answer(self.admin, device_id).status_code == 200)
        return device_id

    def assign(self, device_id: str, user_id: str) -> None:
        path = f"/api/devices/{device_id}/assignments/"
        # The user may have been created a moment ago: the device service hears of it by event.
        wait_until(lambda: self.admin.post(path, {"user_id": user_id}).status_code in (200, 201))
        known = (
            "SELECT 1 FROM assignment WHERE device_id = %s AND user_id = %s AND active",
            device_id,
            user_id,
        )
        wait_until(lambda: self.installation.query("monitoring_service", *known))

    def hours_answer(self, session: Session, device_id: str) -> httpx.Response:
        return session.get("/api/monitoring/hourly/daily/", device_id=device_id, date="2024-06-01")

    def hours(
        self, session: Session, device_id: str, begin: datetime, end: datetime
    ) -> dict[str, Decimal]:
        """Return the kWh of every hour with readings, by its start, as the API writes it."""
        energies: dict[str, Decimal] = {}
        while begin < end:
            until = min(end, begin + timedelta(hours=MAX_HOURS))
            answer = session.get(
                "/api/monitoring/hourly/range/",
                device_id=device_id,
                start=begin.isoformat(),
                end=until.isoformat(),
            )
            assert answer.status_code == 200, answer.text
            for hour in parse(answer)["hourly_data"]:
                if hour["total_consumption"] is not None:
                    energies[hour["start"]] = Decimal(hour["total_consumption"])
            begin = until
        return energies

    def day(self, session: Session, device_id: str, date: str) -> dict[str, Any]:
        answer = session.get("/api/monitoring/hourly/daily/", device_id=device_id, date=date)
        assert answer.status_code == 200, answer.text
        return parse(answer)

    def ledger(self) -> dict[str, int]:
        answer = self.admin.get("/api/monitoring/ingestion/")
        assert answer.status_code == 200, answer.text
        totals = answer.json()["totals"]
        parts = ("stored", "corrected", "duplicates", "rejected")
        assert totals["received"] == sum(totals[part] for part in parts)
        return totals

    def received_since(self, before: dict[str, int]) -> dict[str, int]:
        """Return the growth of each count of the ledger."""
        return {name: total - before[name] for name, total in self.ledger().items()}

    def await_received(self, before: dict[str, int], count: int, seconds: float = 120) -> None:
        wait_until(
            lambda: self.received_since(before)["received"] >= count,
            seconds,
            f"{count} readings were sent and not all of them received",
        )


def utc(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)
