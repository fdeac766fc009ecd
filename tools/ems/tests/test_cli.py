"""Commands as people type them, and their answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ems_tool import cli
from ems_tool.configuration import credentials
from ems_tool.configuration.home import ROOT, Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.platform import lifecycle
from service_kit.testing.waiting import wait_until

DEVICE = "11111111-1111-4111-8111-111111111111"


def ems(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "ems_tool", *arguments]


def test_a_process_that_does_not_exist_is_answered_with_those_that_do(
    supervised, python, monkeypatch, capsys
):
    lifecycle.start(supervised, python("worker"))
    monkeypatch.setenv("EMS_HOME", str(supervised.path))

    for command in ("stop", "start", "restart", "kill"):
        assert cli.main([command, "nothing"]) == 1
        message = capsys.readouterr().err
        assert message == "ems: There is no process 'nothing'. Processes: worker.\n"


def test_a_process_stopped_by_hand_stays_stopped_and_the_status_says_so_until_it_is_started(
    supervised, python, os_user, monkeypatch, capsys
):
    credentials.ensure(supervised, os_user)
    for name in ("worker", "other"):
        lifecycle.start(supervised, python(name))
    monkeypatch.setenv("EMS_HOME", str(supervised.path))

    def states() -> dict[str, tuple[str, bool]]:
        capsys.readouterr()
        cli.main(["status", "--json"])
        processes = json.loads(capsys.readouterr().out)["processes"]
        return {each["name"]: (each["state"], each["stopped_by_hand"]) for each in processes}

    assert cli.main(["stop", "worker"]) == 0
    assert "`./ems start worker` or `./ems up` starts it again." in capsys.readouterr().err
    assert states() == {"worker": ("stopped", True), "other": ("running", False)}
    cli.main(["status"])
    assert "stopped by hand" in capsys.readouterr().out

    assert cli.main(["start", "worker"]) == 0
    assert states() == {"worker": ("running", False), "other": ("running", False)}


@pytest.mark.parametrize("command", ["restart", "up"])
def test_a_process_stopped_by_hand_runs_again_after_a_restart_or_the_next_up(
    supervised, python, state, monkeypatch, command
):
    lifecycle.start(supervised, python("worker"))
    lifecycle.stop_process(supervised, "worker")
    monkeypatch.setenv("EMS_HOME", str(supervised.path))
    assert lifecycle.stopped_by_hand(supervised) == ["worker"]

    if command == "restart":
        cli.main(["restart", "worker"])
    else:
        lifecycle.start(supervised, python("worker"))  # as `up` does with each process

    assert state("worker")["state"] == "running"
    assert lifecycle.stopped_by_hand(supervised) == []


def test_starting_a_process_that_runs_leaves_it_alone(supervised, python, state, monkeypatch):
    lifecycle.start(supervised, python("worker"))
    monkeypatch.setenv("EMS_HOME", str(supervised.path))
    pid = state("worker")["pid"]

    assert cli.main(["start", "worker"]) == 0

    assert state("worker")["pid"] == pid


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (["kill", "x", "LOUD"], "There is no signal 'LOUD'"),
        (["manage", "billing"], "There is no service 'billing'. Services: auth_service"),
        (["test", "nothing"], "No such part: nothing. Parts: lint"),
        (["bench", "nothing"], "No such benchmark: nothing. There are"),
    ],
)
def test_a_name_that_does_not_exist_is_answered_with_those_that_do(
    home, os_user, monkeypatch, capsys, command, word
):
    credentials.ensure(home, os_user)
    monkeypatch.setenv("EMS_HOME", str(home.path))

    assert cli.main(command) == 1

    assert word in capsys.readouterr().err


def test_short_names_of_services_are_in_the_help(capsys):
    with pytest.raises(SystemExit):
        cli.main(["manage", "--help"])

    assert "the short names auth, device and monitoring" in " ".join(
        capsys.readouterr().out.split()
    )


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"]])
def test_help_of_the_simulator_is_its_own_and_names_the_command_that_was_typed(arguments, tmp_path):
    own = [sys.executable, "-m", "device_simulator", *arguments]
    environment = os.environ | {"EMS_HOME": str(tmp_path / "none"), "COLUMNS": "100"}
    # As wide as the other, so that no line breaks elsewhere.
    own_environment = environment | {"DEVICE_SIMULATOR_COMMAND": "./sim simulate"}

    def output(argv: list[str], environment: dict[str, str]) -> str:
        return subprocess.run(
            argv, env=environment, capture_output=True, text=True, cwd="/", check=True
        ).stdout

    text = output(ems("simulate", *arguments), environment)
    assert text == output(own, own_environment).replace("./sim", "./ems")
    assert text.startswith("usage: ./ems simulate")
    assert "usage: device-simulator" in output(own, environment)


def test_without_an_installation_the_simulator_says_what_it_lacks(tmp_path):
    environment = os.environ | {"EMS_HOME": str(tmp_path / "none")}
    argv = ems("simulate", "run", "--device-id", DEVICE)

    done = subprocess.run(argv, env=environment, capture_output=True, text=True, cwd="/")

    assert done.returncode == 2
    assert "RABBITMQ_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_the_simulator_as_it_does_without_the_command_around_it(
    home: Home, os_user: OsUser, tmp_path
):
    credentials.ensure(home, os_user)
    environment = os.environ | {"EMS_HOME": str(home.path), "PYTHONUNBUFFERED": "1"}
    log = tmp_path / "simulator.log"
    argv = ems("simulate", "run", "--device-id", DEVICE, "--interval-seconds", "3600")
    with (
        open(log, "w") as stream,
        subprocess.Popen(
            argv, env=environment, stdout=stream, stderr=stream, cwd="/", start_new_session=True
        ) as process,
    ):
        # The broker is unavailable: it has begun when it says so.
        wait_until(lambda: log.read_text() != "")

        # As a terminal does: to all of the group at once.
        os.killpg(process.pid, signal.SIGINT)

        assert process.wait(timeout=30) == 0
    assert "Traceback" not in log.read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_user_who_may_not_read_an_installation_is_referred_to_its_owner(os_user: OsUser):
    code = (
        "import os, sys; from ems_tool import cli;"
        f"os.setgroups([]); os.setegid({os_user.gid}); os.seteuid({os_user.uid});"
        "sys.exit(cli.main(['status']))"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        lifecycle.settle(Home(Path(folder) / "home", 31992), os_user)
        environment = os.environ | {"EMS_HOME": f"{folder}/home"}
        argv = [sys.executable, "-c", code]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True)

    assert done.returncode == 1
    assert "no permission. Run this as the user who started the platform." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "word"),
    [
        ([], {"DOMAIN": "energy.example.org"}, "FOLDER is missing"),
        (["{folder}"], {}, "DOMAIN is not set: the host name of the Ingress"),
        (
            ["{folder}"],
            {"DOMAIN": "energy.example.org", "ENGINE": "no-such-engine"},
            "no-such-engine is not installed",
        ),
    ],
)
def test_the_secrets_of_a_cluster_are_not_begun_without_what_they_need(
    tmp_path, arguments, environment, word
):
    folder = tmp_path / "secrets"
    argv = [str(ROOT / "deploy" / "k8s" / "secrets")]
    argv += [argument.format(folder=folder) for argument in arguments]

    done = subprocess.run(
        argv, env={"PATH": "/usr/bin:/bin"} | environment, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert done.stderr.startswith("secrets: ")
    assert word in done.stderr
    assert not folder.exists()


def test_a_status_for_programs_is_json_alone(home: Home, monkeypatch, capsys):
    monkeypatch.setenv("EMS_HOME", str(home.path))

    assert cli.main(["status", "--json"]) == 1

    assert json.loads(capsys.readouterr().out)["processes"] == []
