"""`ems test`: install what is missing, start private servers, run the parts, count the results."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
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
    """The counts of one part, the tests that failed in it, and its duration in seconds."""

    part: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)


def run(selected: list[str], keyword: str | None = None) -> int:
    """Run the selected parts, or all of them; return 0 if nothing failed.

    `keyword` is pytest's `-k`: only tests whose names match it are run.
    """
    unknown = [part for part in selected if part not in DESCRIPTIONS]
    if unknown:
        raise EmsError(f"No such part: {', '.join(unknown)}. Parts: {', '.join(DESCRIPTIONS)}.")
    names = [part for part in DESCRIPTIONS if part in selected or not selected]
    settings.isolate()
    with ephemeral.alone(_FOLDER, "./ems test"):
        _install(names)
        results = _run_all(names, keyword)
    show(results)
    failed = sum(result.failed for result in results)
    sys.stdout.flush()
    print(f"{sum(result.passed for result in results)} passed, {failed} failed", flush=True)
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
    for each in (home, outside):
        lifecycle.stop(each)
        lifecycle.remove(each)
    try:
        if WITH_SERVERS & set(names):
            with step("Servers for the tests"):
                secrets = startup.start_for_tests(home, os_user, owner=os.getpid())
        else:
            secrets = lifecycle.prepare(home, os_user)
        parts = Parts(home, secrets, outside, reports, keyword)
        return [_run_part(part, parts) for part in names]
    finally:
        for each in (outside, home):
            lifecycle.stop(each)
        # The installation under test stays, so that its logs can be read.
        lifecycle.remove(home)


def _run_part(part: str, parts: Parts) -> Result:
    result = Result(part)
    started = time.monotonic()
    for command in parts.steps(part):
        out.print(f"\n[bold]── {part}: {command.title}[/bold]")
        sys.stdout.flush()
        if not command.cwd.is_dir():
            out.print(f"{command.cwd.relative_to(ROOT)} does not exist yet", markup=False)
            continue
        done = subprocess.run(
            command.argv, cwd=command.cwd, env=command.env, stdin=subprocess.DEVNULL
        )
        count(result, command, parts.report(part), done.returncode)
    result.seconds = time.monotonic() - started
    return result


def count(result: Result, step: Step, report: Path, exit_status: int) -> None:
    """Add the tests of a finished step to the result of its part."""
    passed = failed = skipped = 0
    if step.report == "junit" and report.exists():
        suites = ElementTree.parse(report).getroot()  # noqa: S314 - our own report
        result.failures += _failed_tests(suites)
        for suite in suites.iter("testsuite"):
            number = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors")}
            skipped += int(suite.get("skipped", 0))
            failed += number["failures"] + number["errors"]
            passed += number["tests"] - number["failures"] - number["errors"]
        passed -= skipped
    elif step.report == "vitest" and report.exists():
        counts = json.loads(report.read_text())
        passed, failed = counts["numPassedTests"], counts["numFailedTests"]
        skipped = counts["numPendingTests"]
        result.failures += [
            test["fullName"]
            for file in counts["testResults"]
            for test in file["assertionResults"]
            if test["status"] == "failed"
        ]
    elif step.report is None:
        passed = 1 if exit_status == 0 else 0
    # A runner that failed without a failed test (it could not collect them) is a failure, too.
    if exit_status != 0 and failed == 0:
        failed = 1
    result.passed += passed
    result.failed += failed
    result.skipped += skipped


def _failed_tests(suites: ElementTree.Element) -> Iterator[str]:
    """Yield each failed test of a report with the first line of its error."""
    for test in suites.iter("testcase"):
        for kind in ("failure", "error"):
            if (error := test.find(kind)) is not None:
                first_line = error.get("message", "").split("\n", 1)[0]
                yield f"{test.get('classname')}::{test.get('name')}: {first_line}"


def show(results: list[Result]) -> None:
    """Print the counts of each part, then the tests that failed."""
    table = Table(box=None, pad_edge=False)
    table.add_column("part")
    for title in ("passed", "failed", "skipped", "seconds"):
        table.add_column(title, justify="right")
    for result in results:
        colour = "red" if result.failed else "green"
        name = f"[{colour}]{result.part}[/{colour}]"
        totals = (result.passed, result.failed, result.skipped)
        counts = (*map(str, totals), f"{result.seconds:.1f}")
        table.add_row(name, *counts)
    err.file.flush()
    out.print()
    out.print(table)
    # Again at the end: the report of a test that failed early is far above.
    for result in results:
        for failure in result.failures:
            out.print(f"failed: {result.part}: {failure}", markup=False, soft_wrap=True)
