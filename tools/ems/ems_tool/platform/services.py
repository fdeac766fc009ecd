"""The three Django services: environment, processes, and databases brought up to date."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ems_tool.configuration import settings
from ems_tool.configuration.credentials import OWNERS, SERVICES, Secrets
from ems_tool.configuration.home import ROOT, Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.configuration.processes import ASGI_APPLICATION, Process
from ems_tool.console import EmsError
from ems_tool.runtime.process_spec import ProcessSpec
from ems_tool.servers import gateway, postgres, rabbitmq, redis

PYTHON = ROOT / ".venv" / "bin" / "python"
_THREADS = 8


def environment_of(
    service: str,
    home: Home,
    secrets: Secrets,
    tester: bool = False,
    arguments: list[str] | None = None,
) -> dict[str, str]:
    """Return the environment of one Django service, its secrets included.

    Tests, and `manage.py` with the `arguments` of a migration, connect as the owner of the tables
    where the service's own role is another; the migrations give that role the rights it needs.
    """
    owner = OWNERS.get(service) if tester or (arguments or [])[:1] == ["migrate"] else None
    user = "meters" if tester else service
    environment = {
        "PATH": f"{ROOT / '.venv' / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        # The checkout is read-only at run time; the environment is compiled beforehand.
        "PYTHONDONTWRITEBYTECODE": "1",
        "DJANGO_SECRET_KEY": secrets.django[service],
        "DJANGO_DEBUG": "False",
        "DJANGO_ALLOWED_HOSTS": ",".join(sorted(home.hosts)),
        "DATABASE_URL": postgres.url(
            home, secrets, owner or service, postgres.database_of(service)
        ),
        "RABBITMQ_URL": rabbitmq.url(home, secrets, user),
        "REDIS_URL": redis.url(home, secrets),
        "JWT_PUBLIC_KEYS_DIR": str(home.public_keys),
        "PUBLIC_ORIGINS": settings.value("EMS_PUBLIC_ORIGINS") or ",".join(home.origins),
        "EMS_TIME_ZONE": settings.value("EMS_TIME_ZONE"),
        "EMS_REQUESTS_PER_MINUTE": settings.value("EMS_REQUESTS_PER_MINUTE"),
        "LOG_LEVEL": settings.value("LOG_LEVEL"),
        "LOG_FORMAT": settings.value("LOG_FORMAT"),
        **settings.of_traces(),
    }
    if owner is not None:
        environment["DATABASE_SERVICE_ROLE"] = service
    if service == "auth_service":
        environment["JWT_PRIVATE_KEYS_DIR"] = str(home.private_keys)
        environment["REGISTRATION_OPEN"] = settings.value("EMS_REGISTRATION_OPEN")
    if service == "monitoring_service":
        environment["READINGS_RETENTION_MONTHS"] = settings.value("READINGS_RETENTION_MONTHS")
    return environment


def manage(service: str, os_user: OsUser, home: Home, arguments: list[str]) -> list[str]:
    """Return the command line of a service's `manage.py`, for the service's folder."""
    return os_user.command([str(PYTHON), "manage.py", *arguments], *_reads(home))


def _reads(home: Home) -> tuple[Path, ...]:
    # The interpreter may be outside the checkout: a virtual environment only links to it.
    return (ROOT, home.path, PYTHON.resolve().parent)


def _heartbeats(home: Home) -> str:
    # Gunicorn touches a file of each worker every second. The file is in memory where the machine
    # has such a folder for all users: a busy disk must not look like a dead worker.
    memory = Path("/dev/shm")  # noqa: S108
    if memory.is_dir() and memory.stat().st_mode & 0o1002 == 0o1002:
        return str(memory)
    return str(home.path / "tmp")


def gunicorn_arguments(process: Process, heartbeats: str) -> list[str]:
    """Return gunicorn's arguments for a web process, without the address to listen on."""
    argv = ["--name", process.name, "--workers", "1", "--worker-tmp-dir", heartbeats]
    argv += ["--graceful-timeout", "10", "--no-control-socket"]
    if process.command == ASGI_APPLICATION:
        argv += ["--worker-class", "config.live_worker.LiveWorker"]
    else:
        argv += ["--worker-class", "gthread", "--threads", str(_THREADS), "--keep-alive", "75"]
    return [*argv, process.command]


def web_spec(process: Process, home: Home, os_user: OsUser, secrets: Secrets) -> ProcessSpec:
    """Return the spec of a web process."""
    argv = [str(PYTHON), "-m", "gunicorn", "--bind", home.address(process.name)]
    argv += gunicorn_arguments(process, _heartbeats(home))
    return ProcessSpec(
        process.name,
        os_user.command(argv, *_reads(home)),
        cwd=str(ROOT / process.service),
        env=environment_of(process.service, home, secrets),
        rank=process.stop_rank,
    )


def worker_spec(process: Process, home: Home, os_user: OsUser, secrets: Secrets) -> ProcessSpec:
    """Return the spec of a worker, which serves its metrics at its port."""
    return ProcessSpec(
        process.name,
        manage(process.service, os_user, home, [process.command]),
        cwd=str(ROOT / process.service),
        env=environment_of(process.service, home, secrets)
        | {"METRICS_BIND": home.address(process.name)},
        rank=process.stop_rank,
    )


def run_manage(
    service: str,
    home: Home,
    os_user: OsUser,
    secrets: Secrets,
    arguments: list[str],
    more: dict[str, str] | None = None,
) -> str:
    """Run a command of a service until it ends, and return its output.

    Raises `EmsError` with the output if it fails.
    """
    done = subprocess.run(
        manage(service, os_user, home, arguments),
        cwd=ROOT / service,
        env=environment_of(service, home, secrets, arguments=arguments) | (more or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise EmsError(f"{service}: {' '.join(arguments)} failed:\n{done.stdout.strip()}")
    return done.stdout


def migrate(home: Home, os_user: OsUser, secrets: Secrets) -> None:
    """Migrate the three databases at once and bring their contents in line with this version.

    Create the administrator's account if it is missing, and derive the hours again that follow
    former rules.
    """

    def migrate_one(service: str) -> None:
        run_manage(service, home, os_user, secrets, ["migrate", "--noinput", "--verbosity", "0"])
        if service == "monitoring_service":
            run_manage(service, home, os_user, secrets, ["derive_outdated_hours"])
        if service == "auth_service":
            arguments = ["ensure_admin", "--username", secrets.admin["username"]]
            password = {"ADMIN_PASSWORD": secrets.admin["password"]}
            run_manage(service, home, os_user, secrets, arguments, password)

    with ThreadPoolExecutor() as pool:
        list(pool.map(migrate_one, SERVICES))


def is_ready(name: str, home: Home) -> bool:
    """Return whether a web process can work: its database answers."""
    return gateway.answers(home.ports[name], "/health/ready")
