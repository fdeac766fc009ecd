"""Run benchmarks by name, print a table of each, write all rows as JSON."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from support import Row, environment, progress

NAMES = sorted(path.stem for path in (Path(__file__).parent / "benchmarks").glob("*.py"))


def machine(env: dict[str, str]) -> dict[str, Any]:
    """Return the machine and versions of the measurement."""
    import psycopg2

    models = {
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    }
    with psycopg2.connect(env["DATABASE_URL"]) as connection:
        postgres = connection.server_version
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cores": os.cpu_count(),
        "processor": sorted(models),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_before": os.getloadavg(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "postgres": postgres,
        **{name: version(name) for name in ("pika", "Django", "psycopg2-binary", "msgspec")},
    }


def _commit() -> str:
    argv = ["git", "rev-parse", "--short", "HEAD"]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        # A machine that measures need not have git.
        return ""
    return done.stdout.strip()


def show(console: Console, title: str, rows: list[Row]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in ("measured", "unit", "ceiling", "ratio", "goal"):
        table.add_column(name, justify="left" if name == "unit" else "right")
    for result in rows:
        colour = {True: "green", False: "red", None: ""}[result.get("reached")]
        cells = [_number(result["value"]), result["unit"]]
        cells += [
            _number(result.get("ceiling")),
            _number(result.get("ratio")),
            result.get("goal", ""),
        ]
        table.add_row(result["what"], *cells, style=colour)
    console.print(table)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./ems bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all")
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run at all")
    parser.add_argument("--json", metavar="FILE", help="where to write the rows", required=True)
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(NAMES))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(NAMES)}")
    console = Console()
    report: dict[str, Any] = {"machine": machine(environment("monitoring_service")), "rows": {}}
    for name in options.names or NAMES:
        module = importlib.import_module(f"benchmarks.{name}")
        begin = time.monotonic()
        with progress(name):
            rows = module.run(options.quick)
        report["rows"][name] = rows
        show(console, f"{module.TITLE} ({time.monotonic() - begin:.0f} s)", rows)
        Path(options.json).write_text(json.dumps(report, indent=2))
    console.print(f"written to {options.json}")
    return 0


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
