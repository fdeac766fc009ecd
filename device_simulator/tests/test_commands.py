"""The command line against a real broker: the readings that arrive, the output, the exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from device_simulator import settings
from device_simulator.settings import Overrides

DEVICE = "4c189959-e674-4eaa-8ebb-98fd953657c5"
OTHER = "0d3f9a57-6a1e-4c58-8f0b-5b8f4f6f2a21"
UNTIL = "2026-03-02T00:00:00Z"


def test_a_repeated_backfill_sends_the_same_intervals_oldest_first(broker, finish) -> None:
    arguments = ["backfill", "--days", 2, "--until", UNTIL, "--device-id", DEVICE]
    arguments += ["--device-id", OTHER, "--interval-seconds", 3600]

    status, out, _ = finish(*arguments, *broker.arguments())
    first = broker.readings()
    finish(*arguments, *broker.arguments())
    second = broker.readings()

    assert (status, out) == (0, "sent 96 of 96\n")
    instants = [reading["timestamp"] for reading in first]
    assert instants == sorted(instants)
    assert (instants[0], instants[-1]) == ("2026-02-28T00:00:00Z", "2026-03-01T23:00:00Z")
    assert second == first


def test_run_sends_the_readings_that_a_later_backfill_sends(
    broker, start, eventually, tmp_path
) -> None:
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps(
            {"interval_seconds": 1, "devices": [{"device_id": DEVICE}, {"device_id": OTHER}]}
        )
    )
    process = start("run", "--config", config, "--quiet", *broker.arguments())
    eventually(lambda: broker.ready() >= 6)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    live = broker.readings()
    assert process.returncode == 0
    assert out == f"sent {len(live)}\n"

    devices = settings.load(config, Overrides(rabbitmq=broker.url), {}).devices
    starts = [datetime.fromisoformat(reading["timestamp"]).timestamp() for reading in live]
    history = [
        json.loads(reading.json(), parse_float=Decimal)
        for device in devices
        for reading in device.history(min(starts), max(starts) + 1)
    ]
    by_device = sorted(history, key=lambda r: (r["device_id"], r["timestamp"]))
    assert sorted(live, key=lambda r: (r["device_id"], r["timestamp"])) == by_device


def test_run_prints_a_line_for_each_confirmed_reading_and_ends_with_0_on_ctrl_c(
    broker, start, eventually, tmp_path
) -> None:
    config = tmp_path / "config.json"
    devices = [{"device_id": DEVICE, "name": "Heat pump"}, {"device_id": OTHER}]
    config.write_text(json.dumps({"interval_seconds": 1, "devices": devices}))
    process = start("run", "--config", config, *broker.arguments())
    eventually(lambda: broker.ready() >= 4)

    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)

    names = {DEVICE: f"{DEVICE} (Heat pump)", OTHER: OTHER}
    *lines, last = out.splitlines()
    readings = broker.readings()
    assert process.returncode == 0
    assert last == f"sent {len(readings)}"
    assert sorted(lines) == sorted(
        f"{r['timestamp']}  {names[r['device_id']]}  {r['measurement_value']} kWh  confirmed"
        for r in readings
    )


def test_run_ends_without_a_traceback_when_its_output_is_closed(broker, start, eventually) -> None:
    process = start("run", "--device-id", DEVICE, "--interval-seconds", 1, *broker.arguments())
    process.stdout.readline()
    process.stdout.close()

    eventually(lambda: process.poll() is not None)
    process.stdout = None
    assert process.returncode == 1
    assert "Traceback" not in process.stderr.read()


def test_the_file_simulator_py_runs_the_config_file_beside_it(tmp_path) -> None:
    script = Path(__file__).parents[1] / "simulator.py"
    # Nothing listens there: the readings of the example must not reach a queue of other tests.
    environment = {**os.environ, "RABBITMQ_URL": "amqp://meters:pw@127.0.0.1:1/"}

    version = subprocess.run(
        [sys.executable, script, "--version"], cwd=tmp_path, env=environment, capture_output=True
    )
    started = subprocess.Popen(
        [sys.executable, script], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    )
    first_line = started.stderr.readline()
    started.send_signal(signal.SIGINT)
    started.communicate(timeout=60)

    assert version.returncode == 0
    assert "simulating devices: 3" in first_line
    assert started.returncode == 0


def test_an_interrupted_backfill_prints_unconfirmed_readings_and_exits_with_130(
    broker, link, start, eventually
) -> None:
    link.cut()
    process = start(
        *["backfill", "--days", 1, "--until", UNTIL, "--device-id", DEVICE],
        *["--rabbitmq", link.url, "--queue", broker.queue],
    )
    eventually(lambda: link.connections >= 1)

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert out.startswith("sent 0 of 144")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run"], "device_id: no device is named"),
        (["run", "--device-id", "meter"], '--device-id: "meter" is not allowed'),
        (["run", "--device-id", DEVICE], "rabbitmq: no broker is named"),
        (["run", "--device-id", DEVICE, "--interval-seconds", 0], "--interval-seconds: "),
        (["run", "--config", "/nowhere.json"], "--config: cannot read"),
        (["backfill", "--device-id", DEVICE, "--days", 0], "--days: "),
        (
            ["backfill", "--device-id", DEVICE, "--days", 1, "--until", "2999-01-01T00:00Z"],
            "--until: ",
        ),
        (["backfill", "--device-id", DEVICE, "--days", 1, "--until", "2020-01-01"], "--until: "),
        (["backfill", "--device-id", DEVICE, "--days", 1, "--batch", 1001], "--batch: "),
        (["backfill", "--device-id", DEVICE], "--days"),
        ([], "COMMAND"),
    ],
    ids=str,
)
def test_a_wrong_argument_is_named_and_ends_the_command_with_status_2(
    finish, arguments, named
) -> None:
    broker = [] if "no broker" in named else ["--rabbitmq", "amqp://meters:pw@127.0.0.1:1/"]

    status, out, err = finish(*arguments, *(broker if arguments else []))

    assert status == 2
    assert named in err
    assert out == ""
    assert "Traceback" not in err


def test_a_rejected_login_ends_the_command_with_the_brokers_answer(broker_url, finish) -> None:
    login, _, place = broker_url.rpartition("@")

    status, _, err = finish(
        *["backfill", "--days", 1, "--device-id", DEVICE, "--rabbitmq", f"{login}-wrong@{place}"]
    )

    assert status == 1
    assert "ACCESS_REFUSED" in err
    assert "Traceback" not in err
