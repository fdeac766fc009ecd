"""The commands of README.md and API_DOCUMENTATION.md run, and give the answers shown there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from websockets.sync.client import connect

from service_kit.testing.waiting import wait_until

from ...support import documents
from ...support.installation import ROOT, Installation, World
from .doc_fixtures import DocFixtures

EXAMPLES = documents.examples(documents.API)
DEVICE_ID = "4c189959-e674-4eaa-8ebb-98fd953657c5"
CONTRACTS = ROOT / "packages" / "energy_contracts"
MONITORING = ROOT / "monitoring_service" / "monitoring"


@pytest.fixture(scope="module")
def doc_fixtures(installation: Installation, world: World, tmp_path_factory) -> DocFixtures:
    return DocFixtures(installation, world, tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="module")
def answers(doc_fixtures: DocFixtures) -> list[tuple[int, str]]:
    """Return the answers to all examples, in the order of the document."""
    return [
        documents.run(
            example.command, doc_fixtures.environment(example.section), doc_fixtures.folder
        )
        for example in EXAMPLES
    ]


@pytest.mark.parametrize("index", range(len(EXAMPLES)), ids=[str(example) for example in EXAMPLES])
def test_an_example_is_answered_as_documented(index, answers):
    assert documents.mismatches(EXAMPLES[index], *answers[index]) == []


@pytest.fixture(scope="module")
def routes(world: World) -> set[str]:
    return {
        f"{method.upper()} {path}"
        for service in ("auth", "devices", "monitoring")
        for path, operations in world.admin.get(f"/api/schema/{service}/").json()["paths"].items()
        for method in operations
    }


def test_every_route_has_an_example_with_curl(routes):
    assert {example.route for example in EXAMPLES} == routes


def test_every_route_has_an_example_in_powershell(routes):
    def is_called(route: str) -> bool:
        method, path = route.split(" ")
        pattern = re.escape(path).replace(r"\{", "{").replace(r"\}", "}")
        pattern = re.sub(r"{\w+}", r"\\$\\w+", pattern)
        called = rf'Ask {method} "?{pattern}["?\s]|\$URL{pattern}["?].* -Method {method}'
        return re.search(called, calls + "\n") is not None

    shells = [
        block.text for block in documents.blocks(documents.API) if block.language == "powershell"
    ]
    calls = "\n".join(shells)

    assert {route for route in routes if not is_called(route)} == set()


def test_an_example_is_of_the_route_above_it():
    for example in EXAMPLES:
        method, path = example.route.split(" ")
        pattern = re.sub(r"\\?{\w+\\?}", r"\\$\\w+", re.escape(path))
        assert re.search(rf"\$URL{pattern}[\"?\s]", example.command + "\n"), example
        assert method in ("GET", "POST") or f"-X {method}" in example.command, example


def test_signing_in_as_the_document_says_gives_a_token(doc_fixtures: DocFixtures):
    block = documents.blocks(documents.API)[0]
    login = doc_fixtures.environment("Own account")
    command = block.text.replace("http://127.0.0.1:8080", login["URL"])
    command = command.replace(
        "admin PASSWORD=…", f"{login['USERNAME']} PASSWORD={login['PASSWORD']}"
    )

    done = subprocess.run(
        ["bash", "-euc", f"{command}\necho $TOKEN"], capture_output=True, text=True, timeout=60
    )

    assert done.stdout.count(".") == 2, done.stderr


# Messages.


def documented_messages() -> list[Any]:
    sections = ("Sending readings", "Sync events")
    return [
        json.loads(block.text)
        for block in documents.blocks(documents.API)
        if block.section in sections and block.language == "json"
    ]


def schema(name: str) -> Any:
    return json.loads((CONTRACTS / "schemas" / f"{name}.schema.json").read_text())


def test_every_documented_message_fits_its_schema():
    documented = {
        message.get("event_type", "reading"): message for message in documented_messages()
    }

    schemas = {path.name.removesuffix(".schema.json") for path in (CONTRACTS / "schemas").iterdir()}
    # Frames of the socket are no messages of the broker: the tests below have them.
    assert set(documented) == schemas - {"live_frame"}
    for name, message in documented.items():
        jsonschema.validate(message, schema(name))


def test_every_reason_of_a_dead_letter_is_documented():
    source = (CONTRACTS / "src" / "energy_contracts" / "errors.py").read_text()

    for reason in re.findall(r'^    [A-Z_]+ = "(\w+)"', source, re.MULTILINE):
        assert f"`{reason}`" in documents.API, reason


# The socket.


def documented_frames() -> tuple[list[Any], list[Any]]:
    frames = [
        [json.loads(line) for line in block.text.splitlines()]
        for block in documents.blocks(documents.API)
        if block.section.startswith("Live") and block.language == "json"
    ]
    return frames[0], frames[1]


def test_every_frame_and_close_code_of_the_socket_is_documented():
    source = "".join(path.read_text() for path in (MONITORING / "live").glob("*.py"))
    sent, received = documented_frames()

    assert {frame["type"] for frame in received} == set(
        schema("live_frame")["discriminator"]["mapping"]
    )
    for frame in received:
        jsonschema.validate(frame, schema("live_frame"))
    assert {frame["type"] for frame in sent} == set(re.findall(r'kind == "(\w+)"', source))
    for code in re.findall(r"^CLOSE_\w+ = (\d+)", source, re.MULTILINE):
        assert f"| {code} |" in documents.API, code


def test_the_socket_sends_the_documented_frames(
    installation: Installation, doc_fixtures: DocFixtures
):
    sent, received = documented_frames()
    documented = {frame["type"]: frame for frame in received}
    environment = doc_fixtures.environment("Live")
    came: dict[str, Any] = {}
    address = installation.url.replace("http:", "ws:") + "/ws/monitoring/"
    with connect(address, origin=installation.url) as socket:

        def listen(until: set[str]) -> bool:
            while not until <= set(came):
                frame = json.loads(socket.recv(timeout=30))
                came[frame["type"]] = frame
            return True

        for frame in [*sent, {"type": "shout"}]:
            text = json.dumps(frame)
            text = text.replace("$TOKEN", environment["TOKEN"])
            socket.send(text.replace("$DEVICE", environment["DEVICE"]))
        listen({"authenticated", "subscribed", "pong", "error"})
        # The first register of a counter changes no hour.
        counter = doc_fixtures.world.device(doc_fixtures.client_id, reading_kind="cumulative")
        ids = [environment["DEVICE"], counter]
        socket.send(json.dumps({"type": "subscribe", "device_ids": ids, "alerts": True}))
        wait_until(lambda: json.loads(socket.recv(timeout=30))["type"] == "subscribed")
        installation.publish(
            doc_fixtures.reading(doc_fixtures.device_id, -60, kwh=7.5),
            doc_fixtures.reading(counter, -60, kwh=1310.0),
        )
        listen(set(documented))

    for name, frame in documented.items():
        assert documents.differences(frame, came[name]) == [], name


# The README.

#: How a command of the README is tried; those of None run around this platform: the fixture brings
#: it up and down, and this is a test. Stopping, saving and restoring have tests of their own.
COMMANDS: dict[str, list[str] | None] = {
    "up": None,
    "up --detach": None,
    "down": None,
    "reset --yes": None,
    "test": None,
    "status": ["status"],
    "logs [NAME] [-f]": ["logs"],
    "logs NAME": ["logs", "monitoring-web"],
    "credentials": ["credentials"],
    "stop NAME": None,
    "start NAME": None,
    "restart NAME": ["restart", "auth-relay"],
    "kill NAME [SIGNAL]": ["kill", "auth-relay", "KILL"],
    "backup FILE": ["backup", "--help"],
    "restore FILE --verify": ["restore", "--help"],
    "bench [NAME …]": ["bench", "--help"],
    "manage SERVICE …": ["manage", "auth_service", "check"],
    "manage monitoring_service verify_aggregates": [
        "manage",
        "monitoring_service",
        "verify_aggregates",
    ],
    "simulate …": ["simulate", "--help"],
    "simulate replay FILE.csv …": ["simulate", "replay", "--help"],
}


def test_every_command_of_the_readme_has_a_test():
    named = re.findall(r"^\./ems ([^#\n]+?)\s*(?:#.*)?$|`\./ems ([^`]+)`", documents.README, re.M)

    assert {first or second for first, second in named} == set(COMMANDS)


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS.values() if command], ids=" ".join
)
def test_a_command_of_the_readme_works(command, installation: Installation):
    installation.ems(*command)


def test_a_process_is_stopped_and_started_by_hand_as_the_readme_says(installation: Installation):
    installation.ems("stop", "auth-relay")
    stopped = installation.process("auth-relay")
    installation.ems("start", "auth-relay")

    assert (stopped["state"], stopped["stopped_by_hand"]) == ("stopped", True)
    assert installation.process("auth-relay")["state"] == "running"


def test_the_next_up_starts_a_process_that_was_stopped_by_hand_and_names_it(
    installation: Installation,
):
    installation.ems("stop", "device-relay")

    output = installation.ems("up", "--detach", "--no-demo").stderr

    assert "Started again after being stopped by hand: device-relay." in output
    assert installation.process("device-relay")["state"] == "running"


def test_the_readmes_python_program_sends_a_reading_that_arrives(
    installation: Installation, world: World, tmp_path: Path
):
    [program] = [
        block.text for block in documents.blocks(documents.README) if block.language == "python"
    ]
    # The day on which the README was written is too old, or not yet, on other clocks.
    program = program.replace("2026-11-22T10:40:00Z", datetime.now(UTC).isoformat())
    before = world.ledger()

    subprocess.run(
        [sys.executable, "-c", f"broker = {installation.broker_url!r}\n{program}"],
        cwd=tmp_path,
        check=True,
        timeout=60,
    )

    world.await_received(before, 1)
    listing = world.admin.get("/api/monitoring/ingestion/unclaimed/", page_size=200).json()
    assert DEVICE_ID in {device["device_id"] for device in listing["results"]}


def test_the_documented_listener_receives_an_event(
    installation: Installation, world: World, tmp_path: Path
):
    [program] = [
        block.text for block in documents.blocks(documents.API) if block.language == "python"
    ]
    listener = installation.credentials["broker"]["listener"]
    source = f"listener = {listener!r}\n{program}"
    heard = tmp_path / "heard"
    with (
        open(heard, "w") as output,
        subprocess.Popen([sys.executable, "-c", source], stdout=output) as process,
    ):
        try:
            # Until its queue is bound it receives nothing: another user, until one is received.
            wait_until(lambda: world.client("heard") and "user_created" in heard.read_text(), 60)
        finally:
            process.terminate()


ADDRESSES = documents.README.split("### Addresses")[1].split("\n## ")[0]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(/[a-z/]*/|/)`", ADDRESSES))))
def test_an_address_of_the_readme_is_answered(path, installation: Installation, world: World):
    if path.startswith("/ws/"):
        address = installation.url.replace("http:", "ws:") + path
        with connect(address, origin=installation.url):
            pass
    else:
        assert world.admin.get(path).status_code in (200, 302)


def test_the_readmes_native_ports_of_health_and_metrics_answer(installation: Installation):
    ports = installation.ports
    # The README has those of EMS_PORT=8080.
    moved = ports["postgres"] - 18080
    web = re.findall(r"\b(180\d\d) \((\w+)\)", ADDRESSES)
    [(first, last)] = re.findall(r"on (180\d\d) to (180\d\d)", ADDRESSES)
    workers = range(int(first) + moved, int(last) + 1 + moved)

    assert f"127.0.0.1:{ports['rabbitmq'] - moved} " in ADDRESSES
    assert [name for _, name in web] == ["auth", "device", "monitoring", "live"]
    for port, _ in web:
        own = f"http://127.0.0.1:{int(port) + moved}"
        for path in ("/health/live", "/health/ready", "/metrics"):
            assert httpx.get(f"{own}{path}").status_code == 200, (port, path)
    for port in workers:
        assert httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 200, port
    assert max(ports.values()) == max(workers)
