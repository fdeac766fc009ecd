"""The table of processes: one row for each process of the platform, native or in containers.

Ports, commands and the order of stopping are read from it. The compose file, the manifests, the
targets of Prometheus and the documents list the same processes for their own readers;
`tests/configuration/test_processes.py` compares each list with the table. To add a process, add a
row and then the entries that the test reports as missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

#: Where a worker in a container answers for its metrics.
CONTAINER_METRICS_PORT = 9100
ASGI_APPLICATION = "config.asgi:application"
_WSGI_APPLICATION = "config.wsgi:application"


class Kind(StrEnum):
    """The kinds of processes, which differ in the way they are started and observed."""

    #: A server that others wrote and that the services connect to.
    SERVER = "server"
    #: nginx with the files of the dashboard.
    SITE = "site"
    #: Traefik: people and programs reach every HTTP route and the sockets through it alone.
    GATEWAY = "gateway"
    #: gunicorn with the application of a service.
    WEB = "web"
    #: A `manage.py` command of a service that runs until it is stopped.
    WORKER = "worker"
    #: The simulated meters of the demo.
    DEMO = "demo"


@dataclass(frozen=True)
class Process:
    """One process of the platform."""

    name: str
    kind: Kind
    #: Processes of a higher rank are stopped before those of a lower one.
    stop_rank: int
    #: Its port in a native installation, counted from the first internal port.
    port_offset: int | None = None
    #: Further native ports by name, counted in the same way.
    more_port_offsets: dict[str, int] = field(default_factory=dict)
    #: The port on which its container listens for other containers.
    container_port: int | None = None
    #: MiB of memory that its container may use; None: it has no container of its own.
    memory_mib: int | None = None
    #: The Django service whose code and environment it has.
    service: str = ""
    #: The command of `manage.py` (workers) or the application that gunicorn loads (web).
    command: str = ""
    #: Whether the cluster's `scale` overlay runs as many as the load asks for.
    autoscaled: bool = False

    @property
    def offsets(self) -> dict[str, int]:
        """Return every native port of the process by name, as an offset."""
        own = {} if self.port_offset is None else {self.name: self.port_offset}
        return own | self.more_port_offsets

    @property
    def metrics_port(self) -> int | None:
        """Return the port in a container that answers `/metrics`, None if there is none."""
        if self.kind is Kind.WORKER:
            return CONTAINER_METRICS_PORT
        return self.container_port if self.kind is Kind.WEB else None


def _web(
    name: str,
    service: str,
    port_offset: int,
    container_port: int,
    memory_mib: int = 512,
    command: str = _WSGI_APPLICATION,
) -> Process:
    return Process(
        name,
        Kind.WEB,
        stop_rank=3,
        port_offset=port_offset,
        container_port=container_port,
        memory_mib=memory_mib,
        service=service,
        command=command,
        autoscaled=True,
    )


def _worker(
    name: str,
    service: str,
    command: str,
    port_offset: int,
    memory_mib: int = 256,
    autoscaled: bool = False,
) -> Process:
    return Process(
        name,
        Kind.WORKER,
        stop_rank=2,
        port_offset=port_offset,
        memory_mib=memory_mib,
        service=service,
        command=command,
        autoscaled=autoscaled,
    )


_AUTH, _DEVICE, _MONITORING = "auth_service", "device_service", "monitoring_service"

#: Offsets are part of the interface: firewalls and scripts name the ports that follow from them.
#: A new process takes the next free one.
PROCESSES = (
    Process("epmd", Kind.SERVER, stop_rank=0, port_offset=3),
    Process(
        "rabbitmq",
        Kind.SERVER,
        stop_rank=1,
        port_offset=1,
        more_port_offsets={"rabbitmq-dist": 4},
        container_port=5672,
        memory_mib=1024,
    ),
    Process("redis", Kind.SERVER, stop_rank=0, port_offset=2, container_port=6379, memory_mib=640),
    Process(
        "postgres", Kind.SERVER, stop_rank=0, port_offset=0, container_port=5432, memory_mib=2048
    ),
    Process("frontend", Kind.SITE, stop_rank=3, port_offset=5, container_port=8080, memory_mib=64),
    Process(
        "traefik",
        Kind.GATEWAY,
        stop_rank=4,
        more_port_offsets={"traefik-ping": 10},
        container_port=8080,
        memory_mib=256,
    ),
    # A password costs 100 MiB while it is checked, in each of 8 threads.
    _web("auth-web", _AUTH, 6, 8000, memory_mib=1024),
    _web("device-web", _DEVICE, 7, 8001),
    _web("monitoring-web", _MONITORING, 8, 8002),
    _web("monitoring-live", _MONITORING, 9, 8003, command=ASGI_APPLICATION),
    _worker("auth-relay", _AUTH, "relay_outbox", 11),
    _worker("device-relay", _DEVICE, "relay_outbox", 12),
    _worker("device-sync", _DEVICE, "consume_sync", 13),
    _worker("monitoring-sync", _MONITORING, "consume_sync", 14),
    _worker(
        "monitoring-ingest",
        _MONITORING,
        "consume_measurements",
        15,
        memory_mib=512,
        autoscaled=True,
    ),
    _worker("monitoring-maintenance", _MONITORING, "run_maintenance", 16),
    Process("simulator", Kind.DEMO, stop_rank=5, memory_mib=128),
)

BY_NAME = {process.name: process for process in PROCESSES}
#: Every native port but the gateway's by its name: the offset from the first internal port.
PORT_OFFSETS = {name: offset for process in PROCESSES for name, offset in process.offsets.items()}


def of_kind(*kinds: Kind) -> list[Process]:
    """Return the processes of some kinds, in the order in which they start."""
    return [process for process in PROCESSES if process.kind in kinds]


def stop_rank(name: str) -> int:
    """Return the rank of a process by its name: higher ranks are stopped first."""
    return BY_NAME[name].stop_rank


def owner_of_port(name: str) -> str:
    """Return the process that listens on a native port, for example traefik on `traefik-ping`."""
    for process in PROCESSES:
        if name in process.offsets:
            return process.name
    return name
