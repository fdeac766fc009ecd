"""The supervisor, with real processes that end or are killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

from ems_tool.platform import lifecycle
from ems_tool.runtime import control_socket, process_table
from service_kit.testing.waiting import wait_until


def test_a_killed_process_comes_back_and_the_restart_is_counted(supervised, python, state):
    lifecycle.start(supervised, python("worker"))
    first = state("worker")["pid"]

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: state("worker").get("restarts") == 1)
    assert state("worker")["state"] == "running"
    assert state("worker")["pid"] != first


def test_a_killed_process_comes_back_when_its_number_cannot_be_recorded(
    supervised, python, home, state
):
    lifecycle.start(supervised, python("worker"))
    first = state("worker")["pid"]
    shutil.rmtree(home.run / "pids")

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: state("worker").get("pid") not in (first, None))
    assert "is not recorded" in lifecycle.log_tail(home, "worker", 5)


def test_a_process_that_keeps_ending_waits_longer_each_time(supervised, python, home):
    lifecycle.start(supervised, python("flaky", "import sys; sys.exit(3)"))

    wait_until(lambda: "starting again in 2 s" in lifecycle.log_tail(home, "flaky", 50))

    assert "ended with status 3; starting again in 1 s" in lifecycle.log_tail(home, "flaky", 50)
    assert control_socket.processes(home.run)["flaky"]["exit_status"] == 3


def test_starting_twice_leaves_the_running_process_alone(supervised, python, state):
    lifecycle.start(supervised, python("worker"))
    first = state("worker")["pid"]

    lifecycle.start(supervised, python("worker"))

    assert state("worker")["pid"] == first


def test_a_changed_command_line_restarts_the_process(supervised, python, state):
    lifecycle.start(supervised, python("worker"))
    first = state("worker")["pid"]

    lifecycle.start(supervised, python("worker", "import time; time.sleep(601)"))

    wait_until(lambda: state("worker")["pid"] not in (first, None))


def test_waiting_for_a_changed_process_does_not_take_the_old_one_for_it(supervised, python, state):
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit()))\n"
        "print('up', flush=True)\n"
        "time.sleep({})"
    )
    lifecycle.start(supervised, python("worker", code.format(600)))
    wait_until(lambda: "up" in lifecycle.log_tail(supervised, "worker", 5))
    first = state("worker")["pid"]

    lifecycle.start(supervised, python("worker", code.format(601)))
    lifecycle.wait(supervised, "worker", lambda: True)

    assert state("worker")["pid"] not in (first, None)


def test_restart_gives_a_new_process_without_backoff(supervised, python, state):
    lifecycle.start(supervised, python("worker"))
    first = state("worker")["pid"]

    control_socket.ask(supervised.run, {"do": "restart", "name": "worker"})

    wait_until(lambda: state("worker")["pid"] not in (first, None))
    assert state("worker")["state"] == "running"


def test_stop_and_continue_reach_the_children_too(supervised, python, state):
    code = "import os, time; os.fork(); time.sleep(600)"
    lifecycle.start(supervised, python("pair", code))
    leader = state("pair")["pid"]
    wait_until(lambda: len(process_table.tree(leader)) == 2)

    def states() -> set[str]:
        return {entry.state for entry in process_table.tree(leader)}

    request = {"do": "signal", "name": "pair"}
    control_socket.ask(supervised.run, request | {"signal": int(signal.SIGSTOP)})
    wait_until(lambda: states() == {"T"})
    control_socket.ask(supervised.run, request | {"signal": int(signal.SIGCONT)})
    wait_until(lambda: states() == {"S"})


def test_a_process_that_ignores_the_request_to_stop_is_killed(supervised, python, home, state):
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('deaf', flush=True); time.sleep(600)"
    )
    lifecycle.start(supervised, python("deaf", code, stop_seconds=0.3))
    wait_until(lambda: "deaf" in lifecycle.log_tail(home, "deaf", 5))
    pid = state("deaf")["pid"]

    lifecycle.stop(home)

    assert process_table.entry(pid) is None


def test_stopping_leaves_no_child_behind_even_one_that_left_the_session(
    supervised, python, home, state
):
    code = "import os, time; os.fork() or os.setsid(); time.sleep(600)"
    lifecycle.start(supervised, python("parent", code))
    leader = state("parent")["pid"]
    wait_until(lambda: len({entry.session for entry in process_table.tree(leader)}) == 2)
    everyone = process_table.tree(leader)

    lifecycle.stop(home)

    assert [entry for entry in everyone if process_table.is_alive(entry)] == []


def test_higher_ranks_have_stopped_before_lower_ones_are_asked(supervised, python, home, tmp_path):
    path = tmp_path / "order"
    # The user that runs the processes need not be the one that runs the tests.
    path.touch()
    path.chmod(0o666)
    tmp_path.chmod(0o755)
    code = (
        "import pathlib, signal, sys, time\n"
        "def end(*_):\n"
        "    time.sleep({pause})\n"
        f"    open({str(path)!r}, 'a').write('{{name}} ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)"
    )
    lifecycle.start(supervised, python("database", code.format(pause=0, name="database"), rank=0))
    lifecycle.start(supervised, python("web", code.format(pause=0.5, name="web"), rank=3))
    for name in ("database", "web"):
        wait_until(lambda name=name: "up" in lifecycle.log_tail(home, name, 5))

    lifecycle.stop(home)

    assert path.read_text().split() == ["web", "database"]


def test_processes_of_a_killed_supervisor_are_ended_by_the_next(
    supervised, python, home, os_user, state
):
    lifecycle.start(supervised, python("worker"))
    worker = process_table.entry(state("worker")["pid"])
    supervisor = process_table.recall(home.run / "supervisor.json")
    # SIGTERM would let the supervisor end the worker itself.
    process_table.end([supervisor], grace=0, number=signal.SIGKILL)
    assert process_table.is_alive(worker)

    lifecycle.ensure_supervisor(home)

    assert not process_table.is_alive(worker)
    assert control_socket.processes(home.run) == {}


def test_a_recorded_number_that_another_process_has_now_is_left_alone(home):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        pid_file = home.run / "pids" / "worker.json"
        process_table.remember(pid_file, stranger.pid)
        text = pid_file.read_text().replace('"started": ', '"started": 1')
        pid_file.write_text(text)

        lifecycle.end_leftovers(home)

        assert stranger.poll() is None
        stranger.kill()


def test_in_the_foreground_all_processes_end_with_the_command(home, os_user, python, state):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as owner:
        lifecycle.ensure_supervisor(home, owner=owner.pid)
        lifecycle.start(home, python("worker"))
        worker = process_table.entry(state("worker")["pid"])

        owner.kill()
        owner.wait()

    wait_until(lambda: not process_table.is_alive(worker))
    wait_until(lambda: not control_socket.is_running(home.run))


def test_two_supervisors_never_serve_one_installation(supervised, home):
    argv = [sys.executable, "-m", "ems_tool.runtime.supervisor", str(home.run), str(home.logs)]

    second = subprocess.run(argv, capture_output=True, text=True)

    assert second.returncode == 1
    assert "Another supervisor" in second.stderr
    assert control_socket.is_running(home.run)


def test_a_folder_with_a_very_long_path_works(tmp_path, os_user, python):
    long_home = lifecycle.Home(tmp_path / ("x" * 120) / "home", 31999)
    lifecycle.settle(long_home, os_user)
    lifecycle.ensure_supervisor(long_home)

    lifecycle.start(long_home, python("worker"))

    assert control_socket.processes(long_home.run)["worker"]["state"] == "running"
    lifecycle.stop(long_home)


def test_a_long_log_is_rotated(tmp_path):
    from ems_tool.runtime import supervised_process
    from ems_tool.runtime.process_spec import ProcessSpec

    log = tmp_path / "chatty.log"
    log.write_bytes(b"x" * (supervised_process.LOG_LIMIT + 1))

    supervised_process.SupervisedProcess(
        ProcessSpec("chatty", ["true"], "/"), tmp_path, tmp_path
    ).rotate()

    assert log.stat().st_size == 0
    assert (tmp_path / "chatty.log.1").stat().st_size == supervised_process.LOG_LIMIT + 1
