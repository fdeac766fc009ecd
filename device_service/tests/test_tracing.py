"""Tracing of a real web process: loaded only while tracing is on, harmless without a collector."""

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
from service_kit.testing.waiting import wait_until

SERVICE_DIR = Path(__file__).parents[1]

#: Starts the service as its web server and its workers do. Prints the modules of the platform that
#: import OpenTelemetry; redis-py imports its metrics as well, wherever they are installed.
STARTED = """
import builtins
import sys

importers = set()
python_import = builtins.__import__

def recording_import(name, globals=None, *rest, **named):
    if name.startswith("opentelemetry"):
        importers.add((globals or {}).get("__name__", ""))
    return python_import(name, globals, *rest, **named)

builtins.__import__ = recording_import
import config.wsgi
from service_kit.observability import tracing
from service_kit.outbox.management.commands import relay_outbox
from service_kit.sync.management.commands import consume_sync
assert config.wsgi.application(
    {"REQUEST_METHOD": "GET", "PATH_INFO": "/health/live", "SERVER_NAME": "localhost",
     "SERVER_PORT": "80", "wsgi.input": sys.stdin.buffer, "wsgi.url_scheme": "http"},
    lambda status, headers: print(status),
)
tracing.start()
platform = ("config", "devices", "energy_contracts", "service_kit")
print(*sorted(name for name in importers if name.split(".")[0] in platform))
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def untraced() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}


@pytest.mark.parametrize(
    ("environment", "importers"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, []),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
            [],
        ),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
            ["service_kit.observability.tracing.sdk"],
        ),
    ],
)
def test_the_platform_imports_opentelemetry_only_while_tracing_is_on(environment, importers):
    done = subprocess.run(
        [sys.executable, "-c", STARTED],
        cwd=SERVICE_DIR,
        env=untraced() | environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )

    assert done.returncode == 0, done.stderr
    status, modules = done.stdout.split("\n")[:2]
    assert status == "200 OK"
    assert modules.split() == importers


@pytest.fixture
def port() -> int:
    """Return the port on which the collector will listen."""
    return free_port()


@pytest.fixture
def web(port, tmp_path) -> Iterator[tuple[str, Path]]:
    """Run the traced web process; return its address and its log of JSON lines."""
    address, log = f"127.0.0.1:{free_port()}", tmp_path / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", address, "config.wsgi:application"],
            cwd=SERVICE_DIR,
            env=untraced()
            | {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
                # Batches are sent at once, and dropped at once on failure.
                "OTEL_BSP_SCHEDULE_DELAY": "20",
                "OTEL_EXPORTER_OTLP_TIMEOUT": "0.2",
                "LOG_FORMAT": "json",
            },
            stderr=stream,
        )
        yield f"http://{address}", log
        process.terminate()
        assert process.wait(20) == 0


def test_requests_are_answered_without_a_collector_and_the_log_reports_it_once(web, port):
    url, log = web

    def ask() -> bool:
        """Send a request without a token, whose answer makes a span; return whether it came."""
        try:
            return httpx.get(f"{url}/api/devices/", timeout=30).status_code == 401
        except httpx.ConnectError:
            return False

    def log_lines(word: str) -> list[dict]:
        lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
        return [line for line in map(json.loads, lines) if word in line["message"]]

    wait_until(ask)
    wait_until(lambda: ask() and log_lines("not taken"))
    collector = Collector(port)
    # Before it answers: spans taken until then would make a second outage, and a second warning.
    collector.status = 503
    with collector:
        wait_until(lambda: ask() and collector.attempts >= 3)
        collector.status = 200
        wait_until(lambda: ask() and collector.spans())

        (unavailable,) = wait_until(lambda: log_lines("not taken"))
        (back,) = wait_until(lambda: log_lines("taken again"))
        assert (unavailable["level"], back["level"]) == ("WARNING", "INFO")
        # The log holds the trace of each request.
        traced = {line["trace_id"] for line in log_lines("Unauthorized")}
        requests = collector.spans(lambda span: span.name == "GET api/devices/")
        assert requests
        assert {span.trace_id for span in requests} <= traced
