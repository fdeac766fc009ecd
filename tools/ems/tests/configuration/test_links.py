"""The service user cannot become root by files: root follows no link that this user plants."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from ems_tool import files
from ems_tool.configuration import credentials
from ems_tool.configuration.home import MARKER, Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError
from ems_tool.demo import demo_data
from ems_tool.platform import lifecycle, status
from ems_tool.runtime import process_table, supervised_process
from ems_tool.runtime.process_spec import ProcessSpec
from ems_tool.servers import gateway, postgres, rabbitmq, redis

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user's folders")
SECRET = "root alone may read this"
#: Folders that an earlier version gave to the service user.
EARLIER = ("logs", "tmp", "keys", "keys/private", "keys/public", "demo", "nginx", "traefik")
EARLIER += ("redis", "rabbitmq", "rabbitmq/data", "rabbitmq/log", "postgres")
#: Every name below them under which root wrote, renamed or changed something.
WRITTEN = (
    *("logs/worker.log", "logs/worker.log.1", "logs/supervisor.log", "without-demo"),
    *("rabbitmq/definitions.json", "rabbitmq/rabbitmq.conf", "rabbitmq/enabled_plugins"),
    *("rabbitmq/advanced.config", "rabbitmq/rabbitmq-env.conf", "rabbitmq/.erlang.cookie"),
    *("redis/redis.conf", "nginx/nginx.conf", "nginx/site-unfinished", "nginx/site-link"),
    *("traefik/traefik.yml", "traefik/dynamic.yml", "demo/simulator.json", "demo/history.json"),
    *("postgres/ems.conf", "postgres/postgresql.conf", "postgresql.conf"),
)


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    """A file of root's that nobody else may read, in a folder that anybody may pass."""
    tmp_path.chmod(0o755)
    path = tmp_path / "precious"
    path.write_text(SECRET)
    path.chmod(0o600)
    return path


def assert_untouched(precious: Path) -> None:
    status = precious.stat()
    assert precious.read_text() == SECRET
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (0, 0, 0o600)


@pytest.fixture
def earlier(tmp_path: Path, os_user: OsUser) -> Home:
    """An installation as earlier versions made one: all of it is the service user's."""
    home = Home(tmp_path / "earlier", 31990)
    for path in (home.path, *(home.path / name for name in EARLIER)):
        path.mkdir(mode=0o700)
        os.chown(path, os_user.uid, os_user.gid)
    (home.path / MARKER).write_text(json.dumps({"port": home.gateway_port}))
    (home.path / "postgres" / "PG_VERSION").write_text("17\n")
    return home


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "index.html").write_text("dashboard")
    monkeypatch.setattr(gateway, "DIST", dist)


def prepare_all(home: Home, os_user: OsUser) -> None:
    """Write all that a start writes before anything runs."""
    secrets = lifecycle.prepare(home, os_user)
    redis.prepare(home, os_user, secrets)
    rabbitmq.prepare(home, os_user, secrets)
    rabbitmq.specs(home, os_user)
    gateway.prepare(home, os_user)
    os_user.config_folder(home.path / "demo", keep=("history.json",))
    if (home.path / "postgres").exists():
        postgres.prepare(home, os_user, secrets)


def hard_link(path: Path, target: Path) -> None:
    path.hardlink_to(target)


def symbolic_link(path: Path, target: Path) -> None:
    path.symlink_to(target)


@pytest.mark.parametrize("link", [symbolic_link, hard_link])
def test_links_planted_at_every_name_that_root_writes_lead_nowhere(
    earlier: Home,
    os_user: OsUser,
    precious: Path,
    built: None,
    link: Callable[[Path, Path], None],
    monkeypatch: pytest.MonkeyPatch,
):
    for name in WRITTEN:
        link(earlier.path / name, precious)
    monkeypatch.setattr(supervised_process, "LOG_LIMIT", 10)

    prepare_all(earlier, os_user)
    lifecycle.ensure_supervisor(earlier)
    spec = ProcessSpec("worker", [sys.executable, "-c", "print('x' * 100)"], cwd="/")
    lifecycle.start(earlier, spec)
    supervised_process.SupervisedProcess(spec, earlier.run, earlier.logs).rotate()
    demo_data.is_included(earlier, os_user, requested=False)
    lifecycle.stop(earlier)

    assert_untouched(precious)


@pytest.mark.parametrize("name", [*EARLIER, "run"])
def test_a_folder_that_is_a_link_is_rejected_by_name_and_its_target_untouched(
    earlier: Home, os_user: OsUser, precious: Path, built: None, tmp_path: Path, name: str
):
    target = tmp_path / "etc"
    target.mkdir(mode=0o755)
    precious.rename(target / "precious")
    folder = earlier.path / name
    if folder.exists():
        folder.rename(tmp_path / "moved")
    folder.symlink_to(target)

    with pytest.raises(EmsError) as caught:
        prepare_all(earlier, os_user)

    assert str(folder) in str(caught.value)
    assert target.stat().st_uid == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o755
    assert os.listdir(target) == ["precious"]
    assert_untouched(target / "precious")


_ATTEMPTS = """\
import os, sys
home = sys.argv[1]
def attempt(what, *names):
    try:
        what(*names)
        print(what.__name__, *names)
    except PermissionError:
        pass
for name in ("logs", "run", "keys", "nginx", "redis", "rabbitmq", "traefik", "demo", ""):
    folder = os.path.join(home, name)
    attempt(os.symlink, "/etc/shadow", os.path.join(folder, "planted"))
    attempt(os.rename, folder, folder.rstrip("/") + "-moved")
for name in ("logs", "run"):
    attempt(os.listdir, os.path.join(home, name))
attempt(open, os.path.join(home, "secrets.json"))
attempt(open, os.path.join(home, "tmp", "own"), "w")
"""


def test_after_a_start_the_service_user_cannot_plant_a_link_where_root_writes(
    os_user: OsUser, built: None
):
    # Not below pytest's folder, which is closed to everybody else.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        home = Home(Path(folder) / "home", 31991)
        prepare_all(home, os_user)

        path = {"PATH": "/usr/bin:/bin"}
        argv = os_user.command(["/usr/bin/env", "python3", "-c", _ATTEMPTS, str(home.path)])
        done = subprocess.run(argv, capture_output=True, text=True, cwd="/", env=path)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [f"open {home.path}/tmp/own w"]


def test_logs_of_an_earlier_version_become_roots_and_are_closed_to_others(
    earlier: Home, os_user: OsUser
):
    log = earlier.logs / "worker.log"
    log.write_text("what happened\n")
    log.chmod(0o644)
    os.chown(log, os_user.uid, os_user.gid)
    os.mkfifo(earlier.logs / "pipe.log")

    lifecycle.settle(earlier, os_user)

    assert log.read_text() == "what happened\n"
    assert (log.stat().st_uid, stat.S_IMODE(log.stat().st_mode)) == (0, 0o600)
    assert os.listdir(earlier.logs) == ["worker.log"]
    assert stat.S_IMODE(earlier.logs.stat().st_mode) == 0o700


def test_a_new_log_can_be_read_by_root_alone(supervised: Home, python):
    lifecycle.start(supervised, python("worker"))

    modes = {stat.S_IMODE(path.stat().st_mode) for path in supervised.logs.iterdir()}

    assert modes == {0o600}


@pytest.mark.parametrize("link", [symbolic_link, hard_link])
def test_a_linked_log_is_not_shown(earlier: Home, precious: Path, link, capsys):
    link(earlier.logs / "worker.log", precious)

    for name in (None, "worker"):
        with pytest.raises(EmsError, match=r"worker\.log is a link"):
            status.logs(earlier, name, follow=False, lines=10)
    with pytest.raises(EmsError, match=r"worker\.log is a link"):
        lifecycle.log_tail(earlier, "worker", 10)

    assert SECRET not in capsys.readouterr().out


def test_secrets_of_an_earlier_version_become_roots(earlier: Home, os_user: OsUser):
    before = credentials.Secrets()
    before.complete()
    os_user.file(credentials.path_of(earlier), json.dumps(asdict(before)))

    assert lifecycle.prepare(earlier, os_user) == before

    assert credentials.path_of(earlier).stat().st_uid == 0


def test_linked_secrets_are_rejected(earlier: Home, os_user: OsUser, precious: Path):
    credentials.path_of(earlier).symlink_to(precious)

    with pytest.raises(EmsError, match=r"secrets\.json is a link"):
        lifecycle.prepare(earlier, os_user)

    assert_untouched(precious)


def test_the_version_of_a_cluster_is_a_number_and_never_a_path_to_a_program(earlier: Home):
    program = earlier.path / "postgres" / "bin"
    (earlier.path / "postgres" / "PG_VERSION").write_text(f"../../..{program.parent}\n")
    program.mkdir()
    (program / "pg_dump").write_text("#!/bin/sh\ntouch /tmp/taken\n")

    with pytest.raises(EmsError, match="PG_VERSION does not hold a version"):
        postgres.client(earlier, "pg_dump")


def test_pid_files_in_a_folder_of_another_user_end_no_process(earlier: Home, os_user: OsUser):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        (earlier.run / "pids").mkdir(parents=True)
        process_table.remember(earlier.run / "supervisor.json", stranger.pid)
        process_table.remember(earlier.run / "pids" / "worker.json", stranger.pid)
        os.chown(earlier.run, os_user.uid, os_user.gid)

        lifecycle.stop(earlier)

        assert stranger.poll() is None
        stranger.kill()


def test_an_installation_of_another_user_is_not_taken_over(earlier: Home, os_user: OsUser):
    os.chown(earlier.path, 54321, 54321)

    with pytest.raises(EmsError, match=r"belongs to another user \(uid 54321\)"):
        lifecycle.prepare(earlier, os_user)

    assert earlier.logs.stat().st_uid == os_user.uid


def test_deleting_an_installation_follows_no_link(earlier: Home, precious: Path, tmp_path: Path):
    precious.rename(tmp_path / "dist-of-another")
    folder = tmp_path / "another"
    folder.mkdir()
    (tmp_path / "dist-of-another").rename(folder / "precious")
    (earlier.path / "tmp" / "link").symlink_to(folder)

    lifecycle.remove(earlier)

    assert_untouched(folder / "precious")
    assert not earlier.path.exists()


def test_a_temporary_name_cannot_be_guessed_and_a_link_there_is_not_written(
    tmp_path: Path, precious: Path, os_user: OsUser
):
    target = tmp_path / "settings"
    (tmp_path / f".settings.{os.getpid()}").symlink_to(precious)

    files.write(target, "new", 0o600, os_user.uid, os_user.gid)

    assert target.read_text() == "new"
    assert_untouched(precious)
