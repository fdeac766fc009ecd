"""The pictures in the documents were drawn from their text, and show everything that runs."""

from __future__ import annotations

import hashlib
import re

import pytest
import yaml

from ems_tool.configuration.credentials import SERVICES
from ems_tool.configuration.home import ROOT, Home
from ems_tool.configuration.processes import BY_NAME, PROCESSES
from ems_tool.servers.broker_definitions import queues
from ems_tool.servers.postgres import database_of
from energy_contracts.names import (
    DEAD_LETTER_EXCHANGE,
    METERS_VHOST,
    PLATFORM_VHOST,
    READINGS_QUEUE,
    SYNC_EXCHANGE,
)

FOLDER = ROOT / "docs" / "diagrams"
SOURCES = sorted(path.stem for path in FOLDER.glob("*.dot"))


@pytest.mark.parametrize("name", SOURCES)
def test_a_picture_was_drawn_from_its_present_text(name):
    drawn = dict(
        reversed(line.split()) for line in (FOLDER / f"{name}.sha256").read_text().splitlines()
    )

    assert set(drawn) == {f"{name}.dot", f"{name}.png", f"{name}.pdf"}
    for file, digest in drawn.items():
        actual = hashlib.sha256((FOLDER / file).read_bytes()).hexdigest()
        assert actual == digest, f"{file}: run docs/diagrams/draw"


DEPLOYMENT = (FOLDER / "deployment.dot").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
#: How the picture colours a port in a container, and one of a native installation.
IN_CONTAINERS, NATIVELY = "#d7e6fb", "#d6efd8"


def drawn(name: str, colour: str) -> set[int]:
    """Return the ports of a colour in the box with this name."""
    [box] = [line for line in DEPLOYMENT.splitlines() if f"<B>{name}</B>" in line]
    cells = re.findall(rf'BGCOLOR="{colour}"[^>]*>([^<]*)<', box)
    return {int(port) for cell in cells for port in re.findall(r"\d+", cell)}


def in_containers(name: str) -> set[int]:
    ports = {int(re.findall(r"(\d+)}:", port)[0]) for port in COMPOSE[name].get("ports", [])}
    if name == "traefik":
        # Without a domain nothing listens there; with one the port is 443.
        return ports - {8443} | {443}
    row = BY_NAME.get(name)
    return ports if row is None else ports | {row.container_port or row.metrics_port} - {None}


def natively(name: str) -> set[int]:
    # The name service has no container: the picture shows it in the broker's box.
    rows = [row for row in PROCESSES if row.name in (name, "epmd" if name == "rabbitmq" else name)]
    ports = Home(ROOT, 8080).ports
    return {ports[each] for row in rows for each in (row.name, *row.offsets) if each in ports}


def test_the_deployment_shows_every_container_of_the_compose_file_and_no_other():
    names = set(re.findall(r"<B>([\w-]+)</B>", DEPLOYMENT)) - {*SERVICES}

    assert names == set(COMPOSE)


@pytest.mark.parametrize("name", COMPOSE)
def test_the_deployment_shows_the_ports_of_containers_and_of_native_processes(name):
    assert drawn(name, IN_CONTAINERS) == in_containers(name)
    assert drawn(name, NATIVELY) == natively(name)


def test_the_deployment_shows_every_exchange_queue_and_database():
    exchanges = (DEAD_LETTER_EXCHANGE, SYNC_EXCHANGE)
    served = {name for names in queues().values() for name in names if not name.endswith(".dead")}

    for name in (*exchanges, *served, *map(database_of, SERVICES), *SERVICES):
        assert name in DEPLOYMENT, name


def test_the_deployment_shows_each_queue_in_its_virtual_host():
    frames = {METERS_VHOST: "meters_host", PLATFORM_VHOST: "platform_host"}
    #: The picture leaves out what is in the meters' virtual host for a moment only.
    in_picture = {METERS_VHOST: [READINGS_QUEUE], PLATFORM_VHOST: queues()[PLATFORM_VHOST]}

    for vhost, names in in_picture.items():
        bottom, top = height_of(frames[vhost])
        assert f"«virtual host» {vhost}\\n" in DEPLOYMENT
        for name in names:
            lower, upper = height_of(box_of_queue(name))
            assert bottom < lower < upper < top, name


def box_of_queue(queue: str) -> str:
    """Return the node with a queue's name; the queues of events stand with their dead letters."""
    label = f"{queue.removesuffix('.dead')}\\n" if queue.startswith("sync_queue.") else f'{queue}"'
    [node] = [
        line.split()[0] for line in DEPLOYMENT.splitlines() if "«queue»" in line and label in line
    ]
    return node


def height_of(node: str) -> tuple[float, float]:
    """Return the lower and the upper edge of a node, in points."""
    place = rf'^  {node} \[pos="\d+,(\d+)".*?height=([\d.]+)'
    [(middle, inches)] = re.findall(place, DEPLOYMENT, re.MULTILINE)
    return float(middle) - 36 * float(inches), float(middle) + 36 * float(inches)
