"""`ems test`: installs what is missing, starts servers of its own, runs the parts, counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from rich.table import Table

from ems_tool.configuration import settings
from ems_tool.configuration.home import ROOT, Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError, err, out, step
from ems_tool.development import ephemeral
from ems_tool.development.testparts import (
    DESCRIPTIONS,
    OUTSIDE,
    WITH_FRONTEND,
    WITH_SERVERS,
    Parts,
    Step,
)
from ems_tool.install import frontend, packages
from ems_tool.platform import lifecycle, startup

_FOLDER = ROOT / ".ems-test"


@dataclass
class Result:
    """What came of one part."""

    part: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0


def run(wanted: list[str], keyword: str | None = None) -> int:
    """Run parts, all if none is named; return 0 if nothing failed.

    `keyword` is pytest's `-k`: only tests whose names fit it are run.
    """
    unknown = [part for part in wanted if part not in DESCRIPTIONS]
    if unknown:
        raise EmsError(f"No such part: {', '.join(unknown)}. Parts: {', '.join(DESCRIPTIONS)}.")
    names = [part for part in DESCRIPTIONS if part in wanted or not wanted]
    settings.isolate()
    with ephemeral.alone(_FOLDER, "./ems test"):
        _install(names)
        results = _run_all(names, keyword)
    _show(results)
    failed = sum(one.failed for one in results)
    sys.stdout.flush()
    print(f"{sum(one.passed for one in results)} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def _install(names: list[str]) -> None:
    ephemeral.ensure_development()
    servers = WITH_SERVERS | OUTSIDE | {"ems"}
    needed = packages.SERVERS if servers & set(names) else {}
    packages.ensure(needed | (packages.CLIENTS if "e2e" in names else {}))
    if WITH_FRONTEND & set(names):
        frontend.ensure_modules()
    if "frontend" in names:
        frontend.ensure_built()
    if "e2e" in names:
        frontend.ensure_modules(frontend.BROWSER_TESTS)


def _run_all(names: list[str], keyword: str | None) -> list[Result]:
    os_user = OsUser.ensure()
    port = ephemeral.free_port()
    home = Home(_FOLDER / "servers", port)
    outside = Home(_FOLDER / "e2e", port + ephemeral.APART)
    reports = _FOLDER / "reports"
    reports.mkdir(exist_ok=True)
    for leftover in reports.iterdir():
        leftover.unlink()
    for one in (home, outside):
        lifecycle.stop(one)
        lifecycle.remove(one)
    try:
        if WITH_SERVERS & set(names):
            with step("Servers for the tests"):
                secrets = startup.start_for_tests(home, os_user, owner=os.getpid())
        else:
            secrets = lifecycle.prepare(home, os_user)
        parts = Parts(home, secrets, outside, reports, keyword)
        return [_run_part(part, parts) for part in names]
    finally:
        for one in (outside, home):
            lifecycle.stop(one)
        # The logs of the installation under test stay, to be looked at.
        lifecycle.remove(home)


def _run_part(part: str, parts: Parts) -> Result:
    result = Result(part)
    started = time.monotonic()
    for one in parts.steps(part):
        out.print(f"\n[bold]── {part}: {one.title}[/bold]")
        sys.stdout.flush()
        if not one.cwd.is_dir():
            out.print(f"{one.cwd.relative_to(ROOT)} is not there yet", markup=False)
            continue
        done = subprocess.run(one.argv, cwd=one.cwd, env=one.env, stdin=subprocess.DEVNULL)
        _count(result, one, parts.report(part), done.returncode)
    result.seconds = time.monotonic() - started
    return result


def _count(result: Result, done: Step, report: Path, exit_status: int) -> None:
    passed = failed = skipped = 0
    if done.report == "junit" and report.exists():
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 - ours
            number = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors")}
            skipped += int(suite.get("skipped", 0))
            failed += number["failures"] + number["errors"]
            passed += number["tests"] - number["failures"] - number["errors"]
        passed -= skipped
    elif done.report == "vitest" and report.exists():
        found = json.loads(report.read_text())
        passed, failed = found["numPassedTests"], found["numFailedTests"]
        skipped = found["numPendingTests"]
    elif done.report is None:
        passed = 1 if exit_status == 0 else 0
    # A runner that failed without a failed test (it could not even collect) is a failure too.
    if exit_status != 0 and failed == 0:
        failed = 1
    result.passed += passed
    result.failed += failed
    result.skipped += skipped


def _show(results: list[Result]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("part")
    for title in ("passed", "failed", "skipped", "seconds"):
        table.add_column(title, justify="right")
    for one in results:
        colour = "red" if one.failed else "green"
        name = f"[{colour}]{one.part}[/{colour}]"
        counts = (str(one.passed), str(one.failed), str(one.skipped), f"{one.seconds:.1f}")
        table.add_row(name, *counts)
    err.file.flush()
    out.print()
    out.print(table)
