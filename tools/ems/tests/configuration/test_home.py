"""The folder and ports of an installation, and files that are never deleted."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from ems_tool import cli
from ems_tool.configuration import credentials
from ems_tool.configuration import os_user as os_user_module
from ems_tool.configuration.home import MARKER, Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.configuration.processes import PORT_OFFSETS
from ems_tool.console import EmsError
from ems_tool.development.ephemeral import free_port
from ems_tool.platform import lifecycle, startup
from ems_tool.runtime import control_socket


def test_internal_ports_follow_from_the_gateways(tmp_path):
    assert Home(tmp_path, 8080).ports["postgres"] == 18080
    assert Home(tmp_path, 8080).ports["traefik-ping"] == 18090
    assert Home(tmp_path, 60000).ports["postgres"] == 50000


def test_two_installations_with_ports_20_apart_do_not_meet(tmp_path):
    first, second = (set(Home(tmp_path, port).ports.values()) for port in (8080, 8100))

    assert not first & second
    assert len(first) == len(PORT_OFFSETS) + 1


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_an_invalid_port_is_rejected(monkeypatch, port):
    monkeypatch.setenv("EMS_PORT", port)

    with pytest.raises(EmsError, match="EMS_PORT"):
        Home.from_environment()


def test_a_later_command_remembers_the_port(monkeypatch, home):
    monkeypatch.setenv("EMS_HOME", str(home.path))
    monkeypatch.delenv("EMS_PORT", raising=False)

    assert Home.from_environment().gateway_port == home.gateway_port


@pytest.fixture
def running(supervised: Home, os_user: OsUser, python, monkeypatch) -> Home:
    credentials.ensure(supervised, os_user)
    lifecycle.start(supervised, python("worker"))
    monkeypatch.setenv("EMS_HOME", str(supervised.path))
    return supervised


@pytest.mark.parametrize(
    ("name", "value", "now"), [("EMS_PORT", "8750", "{port}"), ("EMS_BIND", "0.0.0.0", "127.0.0.1")]
)
def test_a_running_installation_is_not_started_elsewhere_and_nothing_of_it_changes(
    running, monkeypatch, capsys, name, value, now
):
    marker = (running.path / MARKER).read_text()
    before = control_socket.processes(running.run)
    monkeypatch.setenv(name, value)

    for command in (["up", "--detach"], ["infra", "auth_service"]):
        assert cli.main(command) == 1
        message = " ".join(capsys.readouterr().err.split())
        assert f"{name} is {value}, but the installation in {running.path} runs with" in message
        assert f"runs with {now.format(port=running.gateway_port)}." in message
        assert "`./ems down` stops it" in message

    assert control_socket.processes(running.run) == before
    assert (running.path / MARKER).read_text() == marker


def test_commands_use_the_port_on_which_it_runs_and_mention_another(running, monkeypatch, capsys):
    monkeypatch.setenv("EMS_PORT", "80")

    assert cli.main(["status", "--json"]) == 0

    output = capsys.readouterr()
    state = json.loads(output.out)
    assert state["url"] == running.url
    assert state["ports"] == running.ports
    assert f"EMS_PORT is 80, but the installation in {running.path} runs with" in output.err


def test_a_start_that_is_rejected_leaves_no_port_behind(home, os_user, monkeypatch):
    monkeypatch.setenv("EMS_HOME", str(home.path))
    other = Home(home.path, free_port())
    taken = socket.create_server(("127.0.0.1", other.ports["redis"]))
    with taken, pytest.raises(EmsError, match="is taken"):
        startup.start_for_tests(other, os_user)

    assert Home.from_environment().gateway_port == home.gateway_port


@pytest.mark.parametrize("marker", ["[]", "{}", '{"port": null}', "half a"])
def test_a_damaged_marker_is_named_with_its_remedy(home, monkeypatch, marker):
    monkeypatch.setenv("EMS_HOME", str(home.path))
    (home.path / MARKER).write_text(marker)

    with pytest.raises(EmsError, match=r"ems-home\.json is damaged.*Write"):
        Home.from_environment()


def test_a_home_that_is_a_file_is_named_as_one(monkeypatch, capsys):
    monkeypatch.setenv("EMS_HOME", "/etc/passwd")

    assert cli.main(["status"]) == 1

    assert "EMS_HOME is /etc/passwd, which is a file; name a folder." in capsys.readouterr().err


def test_tests_look_for_free_ports_whatever_the_operator_has_set(monkeypatch):
    monkeypatch.setenv("EMS_PORT", "8750")

    assert free_port() != 8750


def test_a_port_already_taken_is_named_with_the_process_that_needs_it(home):
    taken = socket.create_server(("127.0.0.1", home.ports["redis"]))
    with taken, pytest.raises(EmsError) as caught:
        lifecycle.check_ports(home, tuple(home.ports))

    assert f"port {home.ports['redis']} is taken; redis needs it" in str(caught.value)
    assert str(home.ports["postgres"]) not in str(caught.value)


def test_reset_never_deletes_a_folder_that_is_no_installation(monkeypatch, tmp_path, capsys):
    precious = tmp_path / "thesis.txt"
    precious.write_text("years of work")
    monkeypatch.setenv("EMS_HOME", str(tmp_path))

    status = cli.main(["reset", "--yes"])

    assert status == 1
    assert precious.exists()


def test_up_rejects_a_folder_with_other_files(tmp_path, os_user):
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(EmsError, match="other files"):
        lifecycle.settle(Home(tmp_path, 31997), os_user)


def test_reset_asks_for_a_yes(monkeypatch, home):
    monkeypatch.setenv("EMS_HOME", str(home.path))

    assert cli.main(["reset"]) == 1
    assert home.path.exists()


def test_commands_without_a_platform_say_how_to_start_it(monkeypatch, home, capsys):
    monkeypatch.setenv("EMS_HOME", str(home.path))

    assert cli.main(["kill", "monitoring-ingest"]) == 1
    assert "./ems up" in capsys.readouterr().err
    assert cli.main(["status", "--json"]) == 1
    assert '"processes": []' in capsys.readouterr().out


def test_root_hands_over_only_the_right_to_read_and_only_where_it_is_needed():
    somebody = OsUser(uid=54321, gid=54321, switched=True)
    # Not below pytest's folder, which is closed to everybody else.
    with tempfile.TemporaryDirectory() as closed:
        Path(closed).chmod(0o700)

        reachable = somebody.command(["true"], Path("/usr"))
        closed_off = somebody.command(["true"], Path("/usr"), Path(closed))

    assert not any("dac_read_search" in argument for argument in reachable)
    assert any("dac_read_search" in argument for argument in closed_off)
    assert "--no-new-privs" in reachable
    assert "--no-new-privs" in closed_off


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs processes as another user")
def test_looking_up_the_user_of_the_processes_creates_none(monkeypatch):
    name = f"ems-{secrets.token_hex(4)}"
    monkeypatch.setattr(os_user_module, "USER", name)

    with pytest.raises(EmsError, match=rf"no user '{name}'; `\./ems up` creates it"):
        OsUser.current()

    with pytest.raises(KeyError):
        pwd.getpwnam(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs processes as another user")
def test_the_user_of_the_processes_is_created_once(monkeypatch):
    name = f"ems-{secrets.token_hex(4)}"
    monkeypatch.setattr(os_user_module, "USER", name)
    try:
        created = OsUser.ensure()

        assert OsUser.ensure() == OsUser.current() == created
        assert created.uid == pwd.getpwnam(name).pw_uid
    finally:
        subprocess.run(["userdel", name], check=True)


def test_a_user_who_is_not_root_runs_everything_under_their_own_account(tmp_path):
    me = OsUser(uid=1000, gid=1000, switched=False)

    assert me.command(["redis-server"], tmp_path) == ["redis-server"]
