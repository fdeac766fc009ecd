"""The gateway (Traefik, from its wheel) and the web server of the dashboard's files (nginx)."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import shutil
import string
from pathlib import Path
from typing import Any

import yaml

from ems_tool.configuration import settings
from ems_tool.configuration.home import ROOT, Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.configuration.processes import Kind, Process, of_kind, stop_rank
from ems_tool.install.frontend import DIST
from ems_tool.install.packages import program
from ems_tool.runtime.process_spec import ProcessSpec

_TEMPLATES = ROOT / "traefik"


def prepare(home: Home, os_user: OsUser) -> None:
    """Write the configurations of nginx and Traefik."""
    folder = os_user.config_folder(home.path / "nginx")
    work = os_user.folder(folder / "work")
    publish(DIST, folder / "site")
    text = (ROOT / "frontend" / "nginx.conf").read_text()
    # All other names that begin with a dollar are nginx's own.
    text = string.Template(text).safe_substitute(
        EMS_LISTEN=home.address("frontend"), EMS_FOLDER=str(work), EMS_SITE=str(folder / "site")
    )
    os_user.config_file(folder / "nginx.conf", text)
    folder = os_user.config_folder(home.path / "traefik")
    text = configuration(_address(home), home.address("traefik-ping"), folder / "dynamic.yml")
    os_user.config_file(folder / "traefik.yml", text)
    os_user.config_file(folder / "dynamic.yml", routes())


def _address(home: Home) -> str:
    return f"{home.bind}:{home.gateway_port}"


def routes() -> str:
    """Return Traefik's routes; their variables come from its environment."""
    return (_TEMPLATES / "dynamic.yml").read_text()


def configuration(address: str, ping: str, dynamic: Path, **tls: str) -> str:
    """Return Traefik's fixed configuration: the addresses to listen on and the file of routes.

    With TLS, `tls` holds the variables of tls.yml.
    """
    names = {"EMS_GATEWAY_ADDRESS": address, "EMS_PING_ADDRESS": ping}
    names |= {"EMS_DYNAMIC_FILE": str(dynamic)} | tls

    def read(name: str) -> dict[str, Any]:
        text = string.Template((_TEMPLATES / name).read_text()).substitute(names)
        part: dict[str, Any] = yaml.safe_load(text)
        return part

    document = read("traefik.yml")
    if tls:
        document = _merged(document, read("tls.yml"))
    return yaml.safe_dump(document, sort_keys=False)


def _merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return both mappings merged; `more` decides where they differ."""
    merged = dict(base)
    for key, value in more.items():
        inner = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _merged(base[key], value) if inner else value
    return merged


def sign_ins_per_minute() -> int:
    """Return the number of sign-ins that one client address may try in a minute."""
    return int(settings.value("EMS_SIGN_INS_PER_MINUTE"))


def publish(built: Path, site: Path) -> None:
    """Serve a copy of the build: replace `site`, in one step, by a link to the copy.

    A copy, because the checkout may be built again at any moment, also for another installation.
    """
    digest = hashlib.sha256()
    for path in sorted(file for file in built.rglob("*") if file.is_file()):
        digest.update(str(path.relative_to(built)).encode() + b"\0" + path.read_bytes())
    target = site.with_name(f"site-{digest.hexdigest()[:16]}")
    if not target.exists():
        unfinished = site.with_name("site-unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(built, unfinished)
        for path in (unfinished, *unfinished.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        unfinished.rename(target)
    link = site.with_name("site-link")
    link.unlink(missing_ok=True)
    link.symlink_to(target.name)
    link.replace(site)
    for other in site.parent.glob("site-*"):
        if other != target:
            shutil.rmtree(other)


def specs(home: Home, os_user: OsUser) -> list[ProcessSpec]:
    """Return the specs of nginx and Traefik."""
    nginx = home.path / "nginx"
    traefik = home.path / "traefik"
    argv = [program("nginx"), "-p", str(nginx), "-c", str(nginx / "nginx.conf")]
    argv += ["-e", "stderr", "-g", "daemon off;"]
    binary = str(ROOT / ".venv" / "bin" / "traefik")
    python = ROOT / ".venv" / "bin" / "python"
    gate = [str(python), str(Path(__file__).with_name("gate.py"))]
    gate += [_address(home), home.address("traefik-ping")]
    config = traefik / "traefik.yml"
    # The interpreter may be outside the checkout: a virtual environment only links to it.
    readable = (traefik, ROOT, python.resolve().parent)
    urls = {
        variable_of(process): f"http://{home.address(process.name)}"
        for process in of_kind(Kind.WEB, Kind.SITE)
    }
    path = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    limit = sign_ins_per_minute()
    return [
        ProcessSpec(
            "frontend",
            os_user.command(argv, nginx),
            cwd="/",
            env=path,
            rank=stop_rank("frontend"),
        ),
        ProcessSpec(
            "traefik",
            os_user.command([*gate, binary, f"--configFile={config}"], *readable),
            cwd="/",
            env=path | urls | {"EMS_SIGN_INS_PER_MINUTE": str(limit)},
            rank=stop_rank("traefik"),
        ),
    ]


def variable_of(process: Process) -> str:
    """Return the variable by which the routes name the address of a process."""
    return f"EMS_{process.name.upper().replace('-', '_')}_URL"


def answers(port: int, path: str, timeout: float = 5.0) -> bool:
    """Return whether a local web server answers 200 at `path`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path)
        return connection.getresponse().status == 200
    return False
