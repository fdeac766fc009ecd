"""`ems bench`: start private servers and run the benchmarks of `tests/bench`."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from ems_tool.configuration import settings
from ems_tool.configuration.home import ROOT, Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError, step
from ems_tool.development import ephemeral
from ems_tool.install import packages
from ems_tool.platform import lifecycle, services, startup
from ems_tool.runtime import process_table

SOURCES = ROOT / "tests" / "bench"
_FOLDER = ROOT / ".ems-bench"
#: The default file for the rows.
RESULTS = _FOLDER / "bench.json"
#: Seconds a benchmark has to end its processes and delete its data.
_GRACE = 30.0


def names() -> list[str]:
    """Return the names of the benchmarks."""
    return sorted(path.stem for path in (SOURCES / "benchmarks").glob("*.py"))


def run(selected: list[str], quick: bool, results: Path) -> int:
    """Run the selected benchmarks, or all of them; return their exit status."""
    unknown = [name for name in selected if name not in names()]
    if unknown:
        raise EmsError(f"No such benchmark: {', '.join(unknown)}. There are {', '.join(names())}.")
    if not results.absolute().parent.is_dir() and results != RESULTS:
        raise EmsError(f"There is no folder for {results}.")
    settings.isolate()
    with ephemeral.alone(_FOLDER, "./ems bench"):
        ephemeral.ensure_development()
        packages.ensure(packages.SERVERS)
        home = Home(_FOLDER / "servers", ephemeral.free_port())
        lifecycle.stop(home)
        lifecycle.remove(home)
        try:
            with step("Servers for the benchmarks"):
                startup.start_for_tests(home, OsUser.ensure(), owner=os.getpid())
            argv = [str(services.PYTHON), "runner.py", *selected, "--json", str(results.absolute())]
            return _measure(argv + ["--quick"] * quick, home)
        finally:
            lifecycle.stop(home)
            lifecycle.remove(home)


def _measure(argv: list[str], home: Home) -> int:
    env = {**os.environ, "EMS_HOME": str(home.path), "EMS_PORT": str(home.gateway_port)}
    # In its own process group: Ctrl-C reaches it once, from here, and leaves it time to clean up.
    process = subprocess.Popen(
        argv, cwd=SOURCES, env=env, stdin=subprocess.DEVNULL, process_group=0
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        process_table.end(process_table.tree(process.pid), grace=_GRACE, number=signal.SIGINT)
        raise
