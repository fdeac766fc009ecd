"""The file by which a worker shows that its loop runs."""

from __future__ import annotations

import threading

from service_kit.process import signals
from service_kit.process.signals import HEARTBEAT_VARIABLE, StopFlag


def test_a_running_loop_touches_its_file(tmp_path, monkeypatch):
    alive = tmp_path / "alive"
    monkeypatch.setenv(HEARTBEAT_VARIABLE, str(alive))
    stop = StopFlag()

    assert not stop.is_set()
    assert alive.exists()


def test_a_long_pause_touches_the_file_as_well(tmp_path, monkeypatch):
    alive = tmp_path / "alive"
    monkeypatch.setenv(HEARTBEAT_VARIABLE, str(alive))
    monkeypatch.setattr(signals, "HEARTBEAT_SECONDS", 0.01)
    stop = StopFlag()
    pause = threading.Thread(target=stop.wait, args=[60])
    pause.start()
    try:
        for _ in range(2):
            alive.unlink(missing_ok=True)
            while not alive.exists():
                assert pause.is_alive()
    finally:
        stop.set()
        pause.join(10)
    assert not pause.is_alive()


def test_a_pause_ends_in_time(tmp_path, monkeypatch):
    monkeypatch.setenv(HEARTBEAT_VARIABLE, str(tmp_path / "alive"))

    assert not StopFlag().wait(0)
    assert not StopFlag().wait(0.01)


def test_no_file_is_written_unless_the_environment_names_one(tmp_path, monkeypatch):
    monkeypatch.delenv(HEARTBEAT_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)

    assert not StopFlag().is_set()
    assert list(tmp_path.iterdir()) == []
