"""Background work that must not end before its process does.

A thread or task that dies alone leaves a process that looks healthy and no longer does its work.
Here the end of the thread ends the process, and the supervisor starts the process again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

logger = logging.getLogger(__name__)

#: Exit code of a process whose background work ended.
EXIT_CODE = 70


def start_thread(name: str, work: Callable[[], object]) -> threading.Thread:
    """Run `work` in a daemon thread; its end, by an exception or not, ends the process."""

    def run() -> None:
        try:
            work()
        except BaseException as error:
            _end_process("thread", name, error)
        _end_process("thread", name, None)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def start_task(name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Run `work` in the running loop; its end ends the process, unless the task was cancelled.

    The caller keeps the task: a loop holds only weak references.
    """
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_check_ended_task)
    return task


def _check_ended_task(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        _end_process("task", task.get_name(), task.exception())


def _end_process(kind: str, name: str, error: BaseException | None) -> NoReturn:
    logger.critical("the process ends because its %s %s ended", kind, name, exc_info=error)
    logging.shutdown()
    # Not sys.exit: in a thread or a callback that ends the thread or the callback alone.
    os._exit(EXIT_CODE)
