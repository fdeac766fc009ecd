"""The gateway (Traefik, from its wheel) and the web server of the dashboard's files (nginx)."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import shutil
import string
from pathlib import Path

from ems_tool.console import EmsError
from ems_tool.frontend import DIST
from ems_tool.home import ROOT, Home
from ems_tool.identity import Identity
from ems_tool.packages import program
from ems_tool.spec import Spec

_TEMPLATES = ROOT / "traefik"

#: Every path that is not a file is a page of the dashboard, except what belongs to the services:
#: there an unknown address must be an error, not a page.
_NGINX = """\
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log off;
    server_tokens off;
    sendfile on;
    gzip on;
    gzip_vary on;
    gzip_min_length 1024;
    gzip_types text/css application/javascript application/json image/svg+xml;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {site};
        absolute_redirect off;
        location /assets/ {{
            add_header Cache-Control "public, max-age=31536000, immutable";
            try_files $uri =404;
        }}
        location ~ ^/(api|admin|static|ws|health|metrics)(/|$) {{
            types {{ }}
            default_type application/problem+json;
            return 404 '{{"title":"Not found","status":404,"code":"not_found"}}';
        }}
        location / {{
            add_header Cache-Control "no-cache";
            try_files $uri /index.html;
        }}
    }}
}}
"""


def prepare(home: Home, identity: Identity) -> None:
    """Write the configuration of both."""
    folder = identity.folder(home.path / "nginx")
    publish(DIST, folder / "site", identity)
    text = _NGINX.format(folder=folder, port=home.ports["frontend"], site=folder / "site")
    identity.file(folder / "nginx.conf", text)
    folder = identity.folder(home.path / "traefik")
    template = string.Template((_TEMPLATES / "traefik.yml").read_text())
    text = template.substitute(
        EMS_GATEWAY_ADDRESS=f"{home.bind}:{home.gateway_port}",
        EMS_PING_ADDRESS=f"127.0.0.1:{home.ports['traefik-ping']}",
        EMS_DYNAMIC_FILE=str(folder / "dynamic.yml"),
    )
    identity.file(folder / "traefik.yml", text)
    identity.file(folder / "dynamic.yml", (_TEMPLATES / "dynamic.yml").read_text())


def sign_ins_per_minute() -> int:
    """Return how many passwords a minute one client address may try.

    Raises `EmsError` for a limit that is none.
    """
    text = os.environ.get("EMS_SIGN_INS_PER_MINUTE") or "10"
    if not text.isdigit() or int(text) < 1:
        raise EmsError(f"EMS_SIGN_INS_PER_MINUTE is {text!r}; it is a number from 1 up.")
    return int(text)


def publish(built: Path, site: Path, identity: Identity) -> None:
    """Serve a copy of what was built: `site` becomes a link to it, from one request to the next.

    A copy, because the checkout may be built anew at any moment, for another installation too.
    """
    digest = hashlib.sha256()
    for path in sorted(one for one in built.rglob("*") if one.is_file()):
        digest.update(str(path.relative_to(built)).encode() + b"\0" + path.read_bytes())
    target = site.with_name(f"site-{digest.hexdigest()[:16]}")
    if not target.exists():
        unfinished = site.with_name("site-unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(built, unfinished)
        for path in (unfinished, *unfinished.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
            identity.own(path)
        unfinished.rename(target)
    link = site.with_name("site-link")
    link.unlink(missing_ok=True)
    link.symlink_to(target.name)
    link.replace(site)
    for other in site.parent.glob("site-*"):
        if other != target:
            shutil.rmtree(other)


def specs(home: Home, identity: Identity) -> list[Spec]:
    """Return how to run both."""
    nginx = home.path / "nginx"
    traefik = home.path / "traefik"
    argv = [program("nginx"), "-p", str(nginx), "-c", str(nginx / "nginx.conf")]
    argv += ["-e", "stderr", "-g", "daemon off;"]
    binary = str(ROOT / ".venv" / "bin" / "traefik")
    names = ("auth-web", "device-web", "monitoring-web", "monitoring-live", "frontend")
    urls = {
        f"EMS_{name.upper().replace('-', '_')}_URL": f"http://127.0.0.1:{home.ports[name]}"
        for name in names
    }
    path = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    limit = sign_ins_per_minute()
    return [
        Spec("frontend", identity.command(argv, nginx), cwd="/", env=path, rank=3),
        Spec(
            "traefik",
            identity.command([binary, f"--configFile={traefik / 'traefik.yml'}"], traefik, ROOT),
            cwd="/",
            env=path | urls | {"EMS_SIGN_INS_PER_MINUTE": str(limit)},
            rank=4,
        ),
    ]


def answers(port: int, path: str, timeout: float = 5.0) -> bool:
    """Tell whether a local web server answers 200 at `path`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path)
        return connection.getresponse().status == 200
    return False
