"""Traces of a real web process: nothing of them unless wanted, and no harm without a collector."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service_kit.testing.collector import Collector
from tests.world import wait_until

SERVICE_DIR = Path(__file__).parents[1]

#: Starts the service as its web server does, and as its workers do, and tells what is loaded.
STARTED = """
import sys
import config.wsgi
from service_kit import tracing
from service_kit.outbox.management.commands import relay_outbox
from service_kit.sync.management.commands import consume_sync
assert config.wsgi.application(
    {"REQUEST_METHOD": "GET", "PATH_INFO": "/health/live", "SERVER_NAME": "localhost",
     "SERVER_PORT": "80", "wsgi.input": sys.stdin.buffer, "wsgi.url_scheme": "http"},
    lambda status, headers: print(status),
)
tracing.start()
from service_kit import best_effort_redis
print(*sorted(n for n, module in sys.modules.items() if module and n.startswith("opentelemetry")))
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def untraced() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}


@pytest.mark.parametrize(
    ("wanted", "loaded"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
            False,
        ),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, True),
    ],
)
def test_nothing_of_opentelemetry_is_loaded_unless_it_is_wanted(wanted, loaded):
    done = subprocess.run(
        [sys.executable, "-c", STARTED],
        cwd=SERVICE_DIR,
        env=untraced() | wanted,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )

    assert done.returncode == 0, done.stderr
    status, modules = done.stdout.split("\n")[:2]
    assert status == "200 OK"
    assert ("opentelemetry.sdk.trace" in modules.split()) == loaded
    assert loaded or modules == ""


@pytest.fixture
def port() -> int:
    """Where the collector will be."""
    return free_port()


@pytest.fixture
def web(port, tmp_path) -> Iterator[tuple[str, Path]]:
    """The web process as it is run, traced; its address, and its log of JSON lines."""
    address, log = f"127.0.0.1:{free_port()}", tmp_path / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", address, "config.wsgi:application"],
            cwd=SERVICE_DIR,
            env=untraced()
            | {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
                # Batches leave at once, and are given up at once.
                "OTEL_BSP_SCHEDULE_DELAY": "20",
                "OTEL_EXPORTER_OTLP_TIMEOUT": "0.2",
                "LOG_FORMAT": "json",
            },
            stderr=stream,
        )
        yield f"http://{address}", log
        process.terminate()
        assert process.wait(20) == 0


def test_without_a_collector_requests_are_answered_and_the_log_says_it_once(web, port):
    url, log = web

    def ask() -> bool:
        """A request without a token, which is answered, and so a span that should be sent."""
        try:
            return httpx.get(f"{url}/api/devices/", timeout=30).status_code == 401
        except httpx.ConnectError:
            return False

    def told(word: str) -> list[dict]:
        lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
        return [line for line in map(json.loads, lines) if word in line["message"]]

    wait_until(ask)
    wait_until(lambda: ask() and told("not taken"))
    with Collector(port) as collector:
        collector.status = 503
        wait_until(lambda: ask() and collector.attempts >= 3)
        collector.status = 200
        wait_until(lambda: ask() and collector.spans())

        (away,) = wait_until(lambda: told("not taken"))
        (back,) = wait_until(lambda: told("taken again"))
        assert (away["level"], back["level"]) == ("WARNING", "INFO")
        # The log says which trace a request was.
        traced = {line["trace_id"] for line in told("Unauthorized")}
        requests = collector.spans(lambda span: span.name == "GET api/devices/")
        assert requests
        assert {span.trace_id for span in requests} <= traced
