"""The parts of `./ems test`: the commands of each, their folders and environments."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from ems_tool.configuration.credentials import Secrets
from ems_tool.configuration.home import ROOT, Home
from ems_tool.install import frontend
from ems_tool.platform import services

DESCRIPTIONS = {
    "lint": "ruff, import-linter, deptry, oxlint, dclint, the words of docs/glossary.md",
    "types": "mypy for each project, tsc, the dashboard's types against the services' schemas",
    "contracts": "messages, schemas, examples",
    "kit": "the services' plumbing, against real servers",
    "auth": "auth_service",
    "device": "device_service",
    "monitoring": "monitoring_service",
    "simulator": "device_simulator",
    "ems": "this command: supervisor, ports, secrets, requirements",
    "frontend": "the dashboard's own tests, and the weight of its build",
    "containers": "images and compose file; with an engine (EMS_COMPOSE) the platform they make",
    "kubernetes": "the manifests, built by kustomize, against schemas and rules",
    "audit": "known vulnerabilities of packages; the simulator in a fresh environment",
    "e2e": "the whole platform from outside, in a real browser",
    "faults": "servers and workers killed, stopped and cut off under load; no reading lost",
}
#: Parts that need PostgreSQL, RabbitMQ and Redis while they run.
WITH_SERVERS = {"kit", "auth", "device", "monitoring", "simulator"}
WITH_FRONTEND = {"lint", "types", "frontend"}
#: Parts that start a whole platform of their own.
OUTSIDE = {"e2e", "faults"}
_PYTHON = str(services.PYTHON)
#: By part: the folder of the project, and the service whose environment it runs in.
_PYTEST = {
    "contracts": ("packages/energy_contracts", None),
    "kit": ("packages/service_kit", "monitoring_service"),
    "auth": ("auth_service", "auth_service"),
    "device": ("device_service", "device_service"),
    "monitoring": ("monitoring_service", "monitoring_service"),
    "simulator": ("device_simulator", "monitoring_service"),
    "ems": ("tools/ems", None),
    "containers": ("tests/containers", None),
    "kubernetes": ("tests/kubernetes", None),
    "audit": ("tests/audit", None),
    "e2e": ("tests/e2e", None),
    "faults": ("tests/faults", None),
}
_APPS = {
    "auth_service": "authentication",
    "device_service": "devices",
    "monitoring_service": "monitoring",
}

#: Folders with dependencies of their own.
_PROJECTS = (
    "packages/energy_contracts",
    "packages/service_kit",
    *_APPS,
    "device_simulator",
    "tools/ems",
)


@dataclass(frozen=True)
class Step:
    """One command of a part."""

    title: str
    argv: list[str]
    cwd: Path
    env: dict[str, str] = field(repr=False)
    #: The kind of its report: `junit` or `vitest`; without a report it counts as a single check.
    report: str | None = None


class Parts:
    """The steps of the parts in one run."""

    def __init__(
        self, home: Home, secrets: Secrets, outside: Home, reports: Path, keyword: str | None = None
    ) -> None:
        """Describe a run against the servers of `home`.

        The end-to-end tests create their installation in `outside`. `reports` receives the
        machine-readable reports. Only tests whose names match `keyword` run, if it is given.
        """
        self._home = home
        self._secrets = secrets
        self._outside = outside
        self._reports = reports
        self._keyword = keyword
        self._env = dict(os.environ)

    def steps(self, part: str) -> list[Step]:
        """Return the steps of a part, in order."""
        if part == "lint":
            return self._lint()
        if part == "types":
            return self._types()
        if part == "frontend":
            return [self._vitest(), self._npm("budget", "run", "budget")]
        return [self._pytest(part)]

    def report(self, part: str) -> Path:
        """Return the path of a part's machine-readable report."""
        return self._reports / f"{part}.{'json' if part == 'frontend' else 'xml'}"

    def _lint(self) -> list[Step]:
        sources = os.pathsep.join(str(ROOT / folder) for folder in _APPS)
        linter = [str(services.PYTHON.with_name("lint-imports")), "--no-cache"]
        return [
            Step("ruff check", [_PYTHON, "-m", "ruff", "check", "."], ROOT, self._env),
            Step("ruff format", [_PYTHON, "-m", "ruff", "format", "--check", "."], ROOT, self._env),
            Step("import-linter", linter, ROOT, self._env | {"PYTHONPATH": sources}),
            *map(self._deptry, _PROJECTS),
            self._npm("oxlint", "run", "oxlint"),
            self._npm("dclint", "run", "dclint"),
            self._prose(),
        ]

    def _deptry(self, folder: str) -> Step:
        """Return the check that a project declares exactly what it imports."""
        argv = [str(services.PYTHON.with_name("deptry")), "--no-ansi"]
        argv.append("src" if (ROOT / folder / "src").is_dir() else ".")
        return Step(f"deptry {folder}", argv, ROOT / folder, self._env)

    def _prose(self) -> Step:
        argv = [_PYTHON, "-m", "pytest", "--import-mode=importlib", "-q", "tests/prose"]
        argv.append(f"--junitxml={self.report('lint')}")
        return Step("language", argv, ROOT, self._env, "junit")

    def _types(self) -> list[Step]:
        def mypy(title: str, folder: str, settings: str, packages: list[str]) -> Step:
            argv = [_PYTHON, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
            # A cache of its own: the services share the module name `config`.
            argv += ["--cache-dir", str(ROOT / ".mypy_cache" / title)]
            for package in packages:
                argv += ["--package", package]
            env = self._service(folder if folder in _APPS else "monitoring_service")
            env |= {"DJANGO_SETTINGS_MODULE": settings}
            return Step(f"mypy {title}", argv, ROOT / folder, env)

        # Plain packages have no settings; Django's own satisfy the plug-in.
        plain = "django.conf.global_settings"
        steps = [
            mypy("energy_contracts", "packages/energy_contracts", plain, ["energy_contracts"]),
            mypy("device_simulator", "device_simulator", plain, ["device_simulator"]),
            mypy("ems_tool", "tools/ems", plain, ["ems_tool"]),
        ]
        for folder, app in _APPS.items():
            # The kit's models and settings only exist inside a service; one of them has all.
            kit = ["service_kit"] if folder == "monitoring_service" else []
            steps.append(mypy(folder, folder, "config.settings", [app, "config", *kit]))
        steps.append(self._npm("tsc", "run", "typecheck"))
        # The shapes of the services' answers, and those that the dashboard was built for.
        steps += [self._schema(service) for service in _APPS]
        check = ["run", "api-types", "--", str(self._reports), "--check"]
        return [*steps, self._npm("api-types", *check)]

    def _schema(self, service: str) -> Step:
        argv = [_PYTHON, "manage.py", "spectacular", "--validate", "--fail-on-warn"]
        argv += ["--format", "openapi-json", "--file", str(self._reports / f"{service}.json")]
        return Step(f"schema of {service}", argv, ROOT / service, self._service(service))

    def _vitest(self) -> Step:
        reporters = ["--reporter=default", "--reporter=json"]
        output = f"--outputFile.json={self.report('frontend')}"
        step = self._npm("vitest", "run", "test", "--", *reporters, output)
        return Step(step.title, step.argv, step.cwd, step.env, "vitest")

    def _npm(self, title: str, *arguments: str) -> Step:
        argv = [str(services.PYTHON.with_name("npm")), *arguments]
        return Step(title, argv, frontend.FOLDER, self._env | frontend.environment())

    def _pytest(self, part: str) -> Step:
        folder, service = _PYTEST[part]
        argv = [_PYTHON, "-m", "pytest", "--import-mode=importlib", "--durations=5", "-q"]
        argv.append(f"--junitxml={self.report(part)}")
        if self._keyword:
            argv += ["-k", self._keyword]
        if part == "faults":
            argv.append("--capture=no")  # each test prints its account
        env = dict(self._env) if service is None else self._service(service)
        if folder in _APPS:
            env["DJANGO_SETTINGS_MODULE"] = "config.settings"
        # Backups of containers are restored natively, too.
        if part in OUTSIDE or part == "containers":
            env |= {
                "EMS_TEST_HOME": str(self._outside.path),
                "EMS_HOME": str(self._outside.path),
                "EMS_PORT": str(self._outside.gateway_port),
            }
        return Step(part, argv, ROOT / folder, env, "junit")

    def _service(self, service: str) -> dict[str, str]:
        own = services.environment_of(service, self._home, self._secrets, tester=True)
        return self._env | {name: value for name, value in own.items() if name != "PATH"}
