"""A thread or task that ends unexpectedly ends its process, which logs the reason."""

from __future__ import annotations

import subprocess
import sys

import pytest

from service_kit.process.background import EXIT_CODE

_PROGRAM = """
import asyncio, logging, time
from service_kit.process.background import start_task, start_thread

logging.basicConfig(format="%(levelname)s %(message)s")

def broken():
    raise ValueError("no such hour")

async def broken_task():
    broken()

async def returns():
    pass

async def endless():
    await asyncio.Event().wait()

async def main(work):
    task = start_task("push", work())
    await asyncio.sleep({seconds})

{program}
"""


def run(program: str, seconds: float = 20) -> subprocess.CompletedProcess[str]:
    """Run a process that ends with 0 after `seconds`, unless its background work ends it."""
    text = _PROGRAM.replace("{program}", program).replace("{seconds}", str(seconds))
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)


@pytest.mark.parametrize(
    "program",
    [
        'start_thread("push", broken); time.sleep(20)',
        "asyncio.run(main(broken_task))",
    ],
    ids=["thread", "task"],
)
def test_a_process_ends_with_a_traceback_when_its_background_work_raises(program):
    done = run(program)

    assert done.returncode == EXIT_CODE
    assert "CRITICAL the process ends because its" in done.stderr
    assert "ValueError: no such hour" in done.stderr


@pytest.mark.parametrize(
    "program",
    ['start_thread("push", lambda: None); time.sleep(20)', "asyncio.run(main(returns))"],
    ids=["thread", "task"],
)
def test_a_process_ends_when_its_background_work_returns(program):
    done = run(program)

    assert done.returncode == EXIT_CODE
    assert "push ended" in done.stderr


def test_a_process_ends_with_0_when_its_loop_cancels_the_task():
    assert run("asyncio.run(main(endless))", seconds=0.1).returncode == 0


def test_a_process_ends_with_0_while_its_thread_works():
    assert run('start_thread("push", lambda: time.sleep(60)); time.sleep(0.1)').returncode == 0
