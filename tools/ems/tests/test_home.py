"""Where an installation is, what it may use, and what is never deleted."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

import pytest

from ems_tool import cli, stack
from ems_tool.console import EmsError
from ems_tool.home import PORT_OFFSETS, Home
from ems_tool.identity import Identity


def test_internal_ports_follow_from_the_gateways(tmp_path):
    assert Home(tmp_path, 8080).ports["postgres"] == 18080
    assert Home(tmp_path, 8080).ports["traefik-ping"] == 18090
    assert Home(tmp_path, 60000).ports["postgres"] == 50000


def test_two_installations_with_ports_20_apart_do_not_meet(tmp_path):
    one, other = (set(Home(tmp_path, port).ports.values()) for port in (8080, 8100))

    assert not one & other
    assert len(one) == len(PORT_OFFSETS) + 1


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(monkeypatch, port):
    monkeypatch.setenv("EMS_PORT", port)

    with pytest.raises(EmsError, match="EMS_PORT"):
        Home.from_environment()


def test_a_later_command_remembers_the_port(monkeypatch, home):
    monkeypatch.setenv("EMS_HOME", str(home.path))
    monkeypatch.delenv("EMS_PORT", raising=False)

    assert Home.from_environment().gateway_port == home.gateway_port


def test_a_port_already_taken_is_named_with_what_wanted_it(home):
    taken = socket.create_server(("127.0.0.1", home.ports["redis"]))
    with taken, pytest.raises(EmsError) as caught:
        stack.check_ports(home, tuple(home.ports))

    assert f"port {home.ports['redis']} is taken; redis wanted it" in str(caught.value)
    assert str(home.ports["postgres"]) not in str(caught.value)


def test_reset_never_deletes_a_folder_that_is_no_installation(monkeypatch, tmp_path, capsys):
    precious = tmp_path / "thesis.txt"
    precious.write_text("years of work")
    monkeypatch.setenv("EMS_HOME", str(tmp_path))

    status = cli.main(["reset", "--yes"])

    assert status == 1
    assert precious.exists()


def test_up_refuses_a_folder_that_holds_something_else(tmp_path, identity):
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(EmsError, match="something else"):
        stack.settle(Home(tmp_path, 31997), identity)


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
    somebody = Identity(uid=54321, gid=54321, switched=True)
    # Not below pytest's folder, which is closed to everybody else.
    with tempfile.TemporaryDirectory() as closed:
        Path(closed).chmod(0o700)

        reachable = somebody.command(["true"], Path("/usr"))
        closed_off = somebody.command(["true"], Path("/usr"), Path(closed))

    assert not any("dac_read_search" in argument for argument in reachable)
    assert any("dac_read_search" in argument for argument in closed_off)
    assert "--no-new-privs" in reachable
    assert "--no-new-privs" in closed_off


def test_who_is_not_root_runs_everything_as_they_are(tmp_path):
    me = Identity(uid=1000, gid=1000, switched=False)

    assert me.command(["redis-server"], tmp_path) == ["redis-server"]
