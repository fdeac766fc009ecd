"""The file of a backup: whole and authenticated, or rejected before anything is restored."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from ems_tool import cli
from ems_tool.backup import archive
from ems_tool.configuration import credentials
from ems_tool.configuration.credentials import SERVICES
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError

KEY = "the key of the saved one"
MANIFEST = archive.Manifest(
    format=archive.FORMAT,
    taken_at="2026-11-28T01:00:00+00:00",
    postgresql=15,
    totals={service: {"rows": 3, "sum": "12"} for service in SERVICES},
)


@pytest.fixture
def saved(home: Home, os_user: OsUser, tmp_path: Path) -> Path:
    """A backup of an installation whose dumps are a few bytes each."""
    secrets = credentials.ensure(home, os_user)
    path = tmp_path / "saved"
    with open(path, "wb") as stream:
        writer = archive.Writer(stream, KEY)
        for service in SERVICES:
            with writer.dump(service) as target:
                target.write(f"dump of {service}".encode() * 1000)
        writer.finish(home, secrets, MANIFEST)
    return path


@pytest.fixture
def changed(saved: Path, tmp_path: Path) -> Callable[[str, object], Path]:
    """Return the backup of an earlier version with another text under one name, None: without."""

    def make(name: str, content: object) -> Path:
        path = tmp_path / "changed"
        with zipfile.ZipFile(saved) as source, zipfile.ZipFile(path, "w") as target:
            for each in source.namelist():
                if each != name:
                    target.writestr(each, source.read(each))
            if content is not None:
                text = content if isinstance(content, str | bytes) else json.dumps(content)
                target.writestr(name, text)
        return path

    return make


def why_not(file: Path | io.BytesIO, key: str | None) -> str:
    """Return the reason for which a file is rejected."""
    with pytest.raises(EmsError) as caught, archive.opened(file, key):
        pass
    return str(caught.value)


def test_a_saved_backup_is_read_back_and_is_a_plain_zip(saved: Path, home: Home):
    with archive.opened(saved, KEY) as backup:
        assert backup.manifest == MANIFEST
        assert backup.dump("auth_service").read() == b"dump of auth_service" * 1000
        assert backup.keys("private") == credentials.keys_in(home.private_keys)
        assert backup.keys("public") == credentials.keys_in(home.public_keys)
        restored = asdict(backup.secrets())

    assert restored == asdict(credentials.load(home)) | {"backup_key": ""}
    assert zipfile.ZipFile(saved).testzip() is None


def test_the_key_is_not_in_the_file(saved: Path, home: Home):
    content = saved.read_bytes()

    assert credentials.load(home).backup_key.encode() not in content
    assert KEY.encode() not in content


def test_a_change_of_any_byte_is_noticed(saved: Path):
    content = saved.read_bytes()

    for position in (*range(0, len(content), 997), len(content) - 1, len(content) - 70):
        damaged = bytearray(content)
        damaged[position] ^= 1
        assert why_not(io.BytesIO(damaged), KEY)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "no complete backup"),
        (b"PK\x03\x04{}", "no complete backup"),
        (b"root:x:0:0:root:/root:/bin/sh\n" * 1000, "no complete backup"),
        (archive._MARK + b"0" * 64, "does not fit"),
    ],
)
def test_a_file_that_is_no_backup_is_named_as_such(tmp_path: Path, content: bytes, word: str):
    path = tmp_path / "file"
    path.write_bytes(content)

    assert word in why_not(path, KEY)
    assert "no complete backup" in why_not(path, None)


@pytest.mark.parametrize("left", [0.1, 0.5, 0.99])
def test_a_backup_that_broke_off_is_rejected(saved: Path, left: float):
    content = saved.read_bytes()
    half = io.BytesIO(content[: int(len(content) * left)])

    assert "no complete backup: it broke off" in why_not(half, KEY)


def test_a_backup_of_another_installation_is_rejected(saved: Path):
    assert "it is another installation's" in why_not(saved, "another key")


def test_a_backup_of_an_earlier_version_needs_a_decision(changed):
    path = changed("manifest.json", asdict(MANIFEST) | {"format": 1})

    message = why_not(path, KEY)
    assert "is not authenticated" in message
    assert "--unauthenticated" in message
    with archive.opened(path, None) as backup:
        assert backup.manifest.format == 1


WHOLE = asdict(MANIFEST)


@pytest.mark.parametrize(
    "manifest",
    [
        *({}, [], None, 7, "text", b"\xff\xfe", b"{", {"format": "1"}, {"format": 1}),
        *(WHOLE | {"format": value} for value in ("1", None, True, 0, -1, 1.5, [])),
        *(WHOLE | {"taken_at": value} for value in (None, 7, "yesterday", "2026-11-28T01:00:00")),
        *(WHOLE | {"postgresql": value} for value in ("15", None, -1, 1.5, True)),
        *(WHOLE | {"totals": value} for value in (None, [], {}, {"auth_service": {}})),
        *(WHOLE | {"totals": dict.fromkeys(SERVICES, value)} for value in (None, [], 3)),
        *(
            WHOLE | {"totals": {each: {"users": count} for each in SERVICES}}
            for count in (None, [], 1.5)
        ),
        *(WHOLE | {"queries": value} for value in (None, [], {"auth_service": 7}, {"other": "x"})),
        b"0" * 1_100_000,
    ],
)
def test_a_broken_manifest_is_rejected_before_anything_is_created(
    changed, manifest, monkeypatch, tmp_path, capsys
):
    path = changed("manifest.json", manifest if manifest is not None else "null")
    monkeypatch.setenv("EMS_HOME", str(tmp_path / "elsewhere"))

    assert cli.main(["restore", str(path), "--unauthenticated"]) == 1

    assert "no complete backup" in capsys.readouterr().err
    assert not (tmp_path / "elsewhere").exists()


def test_a_backup_of_a_newer_version_is_named_as_such(changed):
    path = changed("manifest.json", WHOLE | {"format": archive.FORMAT + 1})

    assert "made by a newer version" in why_not(path, None)


@pytest.mark.parametrize("name", ["manifest.json", "secrets.json", "auth_db.dump"])
def test_a_backup_that_lacks_a_part_names_it(changed, name):
    assert name in why_not(changed(name, None), None)


@pytest.mark.parametrize(
    "change",
    [
        {"redis": "x\nloadmodule /tmp/evil.so"},
        {"redis": 7},
        {"erlang_cookie": "a b"},
        {"rabbitmq": {"meters": None}},
        {"rabbitmq": ["meters"]},
        {"clients": {"anna": "x"}},
        {"clients": ["anna"]},
        {"unheard_of": "x"},
    ],
)
def test_secrets_that_no_installation_has_are_rejected(changed, home, change):
    path = changed("secrets.json", asdict(credentials.load(home)) | change)

    with archive.opened(path, None) as backup, pytest.raises(EmsError, match=r"secrets\.json"):
        backup.secrets()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("keys/private/../../../../etc/cron.d/evil.pem", None),
        ("keys/private/.pem", None),
        ("keys/private/new.pem", "no key"),
        ("keys/private/new.pem", b"\xff"),
    ],
)
def test_signing_keys_that_are_none_are_rejected(changed, home, name, text):
    (key,) = credentials.keys_in(home.private_keys).values()
    path = changed(name, key if text is None else text)

    with archive.opened(path, None) as backup, pytest.raises(EmsError, match="no complete backup"):
        backup.keys("private")


def test_a_linked_key_is_not_saved(home: Home, os_user: OsUser, tmp_path: Path):
    credentials.ensure(home, os_user)
    (tmp_path / "precious").write_text("root alone may read this")
    (home.private_keys / "planted.pem").symlink_to(tmp_path / "precious")

    with pytest.raises(EmsError, match=r"planted\.pem is a link"):
        credentials.keys_in(home.private_keys)


def test_a_missing_file_and_a_folder_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EMS_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("EMS_BACKUP_KEY", KEY)

    assert cli.main(["restore", str(tmp_path / "nowhere")]) == 1
    assert f"{tmp_path}/nowhere does not exist" in capsys.readouterr().err
    monkeypatch.setenv("EMS_BACKUP_KEY", KEY)
    assert cli.main(["restore", str(tmp_path)]) == 1
    assert "Is a directory" in capsys.readouterr().err


def test_writing_and_checking_take_little_memory_whatever_the_size(
    home: Home, os_user: OsUser, tmp_path: Path
):
    secrets, path, megabyte = credentials.ensure(home, os_user), tmp_path / "large", bytes(1 << 20)
    tracemalloc.start()
    with open(path, "wb") as stream:
        writer = archive.Writer(stream, KEY)
        for service in SERVICES:
            with writer.dump(service) as target:
                for _ in range(40):
                    target.write(megabyte)
        writer.finish(home, secrets, MANIFEST)
    with archive.opened(path, KEY) as backup, backup.dump("auth_service") as source:
        while source.read(1 << 20):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert path.stat().st_size > 120_000_000
    assert peak < 20_000_000
