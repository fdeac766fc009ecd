"""The pictures in the documents were drawn from their text, and show everything that runs."""

from __future__ import annotations

import hashlib
import re

import pytest

from ems_tool import containers, rabbitmq, services
from ems_tool.credentials import SERVICES
from ems_tool.home import ROOT
from ems_tool.postgres import database_of

FOLDER = ROOT / "docs" / "diagrams"
SOURCES = sorted(path.stem for path in FOLDER.glob("*.dot"))


@pytest.mark.parametrize("name", SOURCES)
def test_a_picture_was_drawn_from_its_present_text(name):
    drawn = dict(
        reversed(line.split()) for line in (FOLDER / f"{name}.sha256").read_text().splitlines()
    )

    assert set(drawn) == {f"{name}.dot", f"{name}.png", f"{name}.pdf"}
    for file, digest in drawn.items():
        found = hashlib.sha256((FOLDER / file).read_bytes()).hexdigest()
        assert found == digest, f"{file}: run docs/diagrams/draw"


def test_the_deployment_shows_every_process_port_queue_and_database():
    text = (FOLDER / "deployment.dot").read_text()
    processes = {*services.WEB, *services.WORKERS, "traefik", "frontend", "device_simulator"}
    queues = [name for name in rabbitmq.queues() if not name.endswith(".dead")]

    for name in (*processes, *containers.PORTS, *queues, *map(database_of, SERVICES)):
        assert re.search(rf"\b{re.escape(name)}\b", text), name
    for port in (80, 15672, *containers.PORTS.values()):
        assert f":{port}" in text, port
