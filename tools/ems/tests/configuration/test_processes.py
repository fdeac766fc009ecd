"""Every file that lists the processes agrees with the table of processes.

A process that is missing in a file, or differs there, fails the test that names the file.
`tests/containers` and `tests/kubernetes` compare the commands and the pods.
"""

from __future__ import annotations

import re

import pytest
import yaml

from ems_tool.configuration.home import ROOT, Home
from ems_tool.configuration.processes import (
    BY_NAME,
    CONTAINER_METRICS_PORT,
    PORT_OFFSETS,
    PROCESSES,
    Kind,
    Process,
    of_kind,
    owner_of_port,
)
from ems_tool.servers import gateway

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
IN_CONTAINERS = [process for process in PROCESSES if process.memory_mib is not None]
SERVICES = of_kind(Kind.WEB, Kind.WORKER)
NATIVE = Home(ROOT, 8080).ports
#: Documents that give addresses of processes in the containers' network.
DOCUMENTS = ("README.md", "docs/operating.md", "docs/architecture.md", "deploy/k8s/README.md")


def names(process: Process) -> str:
    return process.name


def test_no_two_ports_of_the_table_are_the_same():
    offsets = [offset for process in PROCESSES for offset in process.offsets.values()]
    ports = [process.container_port for process in SERVICES if process.container_port]

    assert len(set(offsets)) == len(offsets) == len(PORT_OFFSETS)
    assert len(set(ports)) == len(ports)
    assert {owner_of_port(name) for name in PORT_OFFSETS} <= set(BY_NAME)


def test_every_web_process_and_worker_names_its_service_and_command():
    for process in PROCESSES:
        is_service = process.kind in (Kind.WEB, Kind.WORKER)
        assert bool(process.service) == bool(process.command) == is_service, process.name
        assert not is_service or (ROOT / process.service / "manage.py").exists()


# docker-compose.yml


def test_the_compose_file_has_a_lasting_container_for_each_process_and_for_nothing_else():
    restarts = {name: container["restart"] for name, container in COMPOSE.items()}
    lasting = {name for name, restart in restarts.items() if restart == "unless-stopped"}

    assert lasting == {process.name for process in IN_CONTAINERS}


@pytest.mark.parametrize("process", IN_CONTAINERS, ids=names)
def test_the_compose_file_gives_a_process_the_memory_of_the_table(process: Process):
    number, unit = re.fullmatch(r"(\d+)([mg])", COMPOSE[process.name]["mem_limit"]).groups()

    assert int(number) * (1024 if unit == "g" else 1) == process.memory_mib


@pytest.mark.parametrize("process", of_kind(Kind.WORKER), ids=names)
def test_the_compose_file_lets_a_worker_answer_for_its_metrics(process: Process):
    address = COMPOSE[process.name]["environment"]["METRICS_BIND"]

    assert address == f"0.0.0.0:{CONTAINER_METRICS_PORT}"


@pytest.mark.parametrize("process", of_kind(Kind.WEB, Kind.SITE), ids=names)
def test_the_compose_file_tells_the_gateway_where_a_process_listens(process: Process):
    url = COMPOSE["traefik"]["environment"][gateway.variable_of(process)]

    assert url == f"http://{process.name}:{process.container_port}"


# Prometheus


def test_prometheus_scrapes_every_web_process_and_every_worker():
    settings = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())

    assert settings["scrape_configs"] == [scrape_config(process) for process in SERVICES]


def scrape_config(process: Process) -> dict:
    job = {"job_name": f"ems-{process.name}"}
    if process.autoscaled and process.kind is Kind.WORKER:
        # There may be several of it: the name resolves to the address of each.
        lookup = {"names": [process.name], "type": "A", "port": process.metrics_port}
        return job | {"dns_sd_configs": [lookup]}
    return job | {"static_configs": [{"targets": [f"{process.name}:{process.metrics_port}"]}]}


# The documents


def table_of_architecture() -> dict[str, list[str]]:
    """Return the cells of each row of the table of processes by the process's name."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    [table] = re.findall(r"^\| process \| in containers \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.M)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {row[0]: row[1:] for row in rows}


def test_the_architecture_has_a_row_for_each_process_in_the_order_of_the_table():
    assert list(table_of_architecture()) == [process.name for process in PROCESSES]


@pytest.mark.parametrize("process", PROCESSES, ids=names)
def test_the_architecture_shows_the_ports_of_a_process(process: Process):
    in_containers, natively, *texts = table_of_architecture()[process.name]
    port = process.container_port or process.metrics_port
    native = [NATIVE[name] for name in (process.name, *process.more_port_offsets) if name in NATIVE]

    assert {int(number) for number in re.findall(r"\d+", in_containers)} >= ({port} - {None})
    assert [int(number) for number in re.findall(r"\d+", natively)] == native
    assert all(texts), "say what it does, and what happens while it is unavailable"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_gives_the_addresses_of_the_table(document: str):
    text = (ROOT / document).read_text()
    addresses = re.findall(r"\b([a-z]+(?:-[a-z]+)?):(\d{4,5})\b", text)
    own = [(BY_NAME[name], int(port)) for name, port in addresses if name in BY_NAME]

    for process, port in own:
        assert port in (process.container_port, process.metrics_port), process.name


@pytest.mark.parametrize("process", of_kind(Kind.WEB), ids=names)
def test_the_readme_and_the_operating_guide_show_where_a_web_process_answers(process: Process):
    for document in ("README.md", "docs/operating.md"):
        text = (ROOT / document).read_text()
        assert f"`{process.name}:{process.container_port}`" in text, document


def test_the_readme_shows_the_native_ports_of_the_table():
    text = (ROOT / "README.md").read_text()
    own = [port for name, port in NATIVE.items() if name in PORT_OFFSETS]
    metrics = [NATIVE[process.name] for process in of_kind(Kind.WORKER)]
    [health] = re.findall(r"^\| health, .*", text, re.M)

    ranges = re.findall(r"\b(1\d{4}) to (1\d{4})\b", text)

    assert ranges == [(str(min(ports)), str(max(ports))) for ports in (own, metrics)]
    assert sorted(metrics) == list(range(min(metrics), max(metrics) + 1))
    assert [int(port) for port in re.findall(r"\b18\d{3}\b", health)] == [
        NATIVE[process.name] for process in of_kind(Kind.WEB)
    ]
    assert f"(AMQP) | 127.0.0.1:{NATIVE['rabbitmq']} |" in text
