"""An installation of containers, seen as the end-to-end tests see a native one."""

from __future__ import annotations

import functools
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..support.installation import ROOT, Installation

#: The command that is `docker compose` here.
ENGINE = shlex.split(os.environ.get("EMS_COMPOSE") or "docker compose")
#: A container that runs the commands of a service.
_WEB = {"auth_service": "auth-web", "device_service": "device-web"}
_WEB |= {"monitoring_service": "monitoring-web"}
# A profile is enabled by itself when Docker runs a service of it; not by every other engine.
_CREDENTIALS = ("--profile", "tools", "run", "--rm", "-T", "credentials", "credentials", "--json")
_QUERY = """\
import json, sys, psycopg2
statement, parameters = json.load(sys.stdin)
with psycopg2.connect(open("/run/ems/DATABASE_URL").read()) as connection:
    cursor = connection.cursor()
    cursor.execute(statement, parameters)
    print(json.dumps(cursor.fetchall(), default=str))
"""


class Composed(Installation):
    """A platform started from the compose file under a project's name of its own."""

    def __init__(self, project: str, ports: tuple[int, int, int, int]) -> None:
        web, tls, amqp, pages = ports
        super().__init__(Path("/nonexistent"), web)
        self.environment = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": project,
            # The operator's `.env` is of another installation.
            "COMPOSE_DISABLE_ENV_FILE": "true",
            "HTTP_PORT": str(web),
            "HTTPS_PORT": f"127.0.0.1:{tls}",
            "AMQP_BIND": f"127.0.0.1:{amqp}",
            "RABBITMQ_PAGES": f"127.0.0.1:{pages}",
            "EMS_DECLARING_CLIENTS": "True",
            "EMS_SIGN_INS_PER_MINUTE": "60000",
            "EMS_REQUESTS_PER_MINUTE": "600000",
        }

    def compose(
        self, *arguments: str, check: bool = True, text: str | None = None, seconds: float = 900
    ) -> subprocess.CompletedProcess[str]:
        # Files, not pipes: what watches over a container may keep a pipe open while it runs.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            status = subprocess.run(
                [*ENGINE, "-f", str(ROOT / "docker-compose.yml"), *arguments],
                cwd=ROOT,
                env=self.environment,
                input=text or "",
                stdout=out,
                stderr=err,
                text=True,
                timeout=seconds,
            ).returncode
            out.seek(0)
            err.seek(0)
            done = subprocess.CompletedProcess(arguments, status, out.read(), err.read())
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done

    @functools.cached_property
    def credentials(self) -> dict[str, Any]:
        output = self.compose(*_CREDENTIALS).stdout
        return json.loads(output[output.index("{") :])

    def ems(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of the native installation's commands that the tests use."""
        assert arguments[0] == "manage", arguments
        command = ("python", "manage.py", *arguments[2:])
        return self.compose("exec", "-T", _WEB[arguments[1]], *command, check=check)

    def start_replay(self, file: Path, device_id: str, *options: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "device_simulator", "replay", str(file)]
        return subprocess.Popen(
            [*argv, "--device-id", device_id, *options],
            env=self.environment | {"RABBITMQ_URL": self.broker_url},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def query(self, service: str, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        output = self.compose(
            *("exec", "-T", _WEB[service], "python", "-c", _QUERY),
            text=json.dumps([sql, parameters], default=str),
        ).stdout
        return [tuple(row) for row in json.loads(output)]
