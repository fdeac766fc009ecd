"""The file of a backup: a ZIP whose comment authenticates all that comes before the comment.

The comment holds HMAC-SHA-256 under the installation's backup key, which is not in the file. A
reader checks the comment before any other part of the file: a restore writes tables, passwords and
the keys that sign tokens, so a changed file would be a way into the platform.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast

from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from ems_tool.configuration import credentials
from ems_tool.configuration.credentials import SERVICES, Secrets
from ems_tool.configuration.home import Home
from ems_tool.console import EmsError

#: Increased when older versions of `ems` cannot read the file. 2: the file is authenticated.
FORMAT = 2
_MARK = b"energy platform backup, hmac-sha256 "
_TAG_BYTES = len(_MARK) + 2 * hashlib.sha256().digest_size
_CHUNK = 1 << 20
#: Bytes of the manifest, the secrets or a key; dumps are streamed and have no limit.
_SMALL = 1_000_000
_MANIFEST, _SECRETS, _KEYS = "manifest.json", "secrets.json", "keys/"
_KEY_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\.pem")
#: The exceptions of the standard library for a file that is damaged, or made to do damage.
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, EOFError, OSError),
    *(NotImplementedError, RuntimeError),
)


@dataclass(frozen=True)
class Manifest:
    """The description of a backup, which the file holds as `manifest.json`."""

    format: int
    taken_at: str
    #: Major version of the PostgreSQL that wrote the dumps; 0 where an older backup is silent.
    postgresql: int
    #: Totals of each service's database.
    totals: dict[str, dict[str, int | str]]
    #: The queries that counted them: they fit the tables of the dumps, whatever later versions do
    #: to tables and queries. Empty where an older backup is silent.
    queries: dict[str, str] = field(default_factory=dict)


class Writer:
    """Writes a backup to a stream, which may be a pipe; readers reject an incomplete backup."""

    def __init__(self, stream: IO[bytes], key: str) -> None:
        """Begin a backup in `stream`, authenticated with `key`."""
        self._authenticating = _Authenticating(stream, key)
        # Dumps are compressed as they are.
        target = cast(IO[bytes], self._authenticating)
        self.zip = zipfile.ZipFile(target, "w", zipfile.ZIP_STORED)
        self.zip.comment = bytes(_TAG_BYTES)

    def dump(self, service: str) -> IO[bytes]:
        """Return the stream to which the dump of a service's database is written."""
        return self.zip.open(_dump_of(service), "w", force_zip64=True)

    def finish(self, home: Home, secrets: Secrets, manifest: Manifest) -> None:
        """Add secrets, signing keys and manifest; the file is complete then."""
        saved = {name: value for name, value in asdict(secrets).items() if name != "backup_key"}
        self.zip.writestr(_SECRETS, json.dumps(saved, indent=2) + "\n")
        for folder in (home.private_keys, home.public_keys):
            for name, text in credentials.keys_in(folder).items():
                self.zip.writestr(f"{_KEYS}{folder.name}/{name}", text)
        self.zip.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=2) + "\n")
        self.close()

    def close(self) -> None:
        """Write the end of the file, its authentication included."""
        self.zip.close()
        self._authenticating.finish()

    def abandon(self) -> None:
        """Write nothing more, so that an incomplete file does not look like a backup."""
        self.zip.fp = None


class _Authenticating:
    """A stream that passes on all bytes except the comment at their end, which becomes the tag."""

    def __init__(self, stream: IO[bytes], key: str) -> None:
        self._stream = stream
        self._mac = hmac.new(key.encode(), digestmod=hashlib.sha256)
        self._held = b""

    def write(self, data: bytes) -> int:
        whole = self._held + bytes(data)
        self._held = whole[-_TAG_BYTES:]
        self._pass_on(whole[:-_TAG_BYTES])
        return len(data)

    def flush(self) -> None:
        self._stream.flush()

    def finish(self) -> None:
        self._stream.write(_MARK + self._mac.hexdigest().encode())
        self._stream.flush()

    def _pass_on(self, data: bytes) -> None:
        self._mac.update(data)
        self._stream.write(data)


class Backup:
    """An open backup, authenticated unless it was opened without a key."""

    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        """Read the manifest. Raises `EmsError`, which names the backup `name`, if it is invalid."""
        self._name = name
        self._zip = archive
        self.manifest = self._read_manifest()

    def dump(self, service: str) -> IO[bytes]:
        """Return the dump of a service's database."""
        return self._zip.open(_dump_of(service))

    def secrets(self) -> Secrets:
        """Return the saved secrets. Raises `EmsError` for values that no installation has."""
        return credentials.parse(self._small(_SECRETS), f"{_SECRETS} in {self._name}")

    def keys(self, kind: str) -> dict[str, str]:
        """Return the `private` or `public` signing keys by file name. Raises `EmsError`."""
        prefix = f"{_KEYS}{kind}/"
        load: Any = load_pem_public_key
        if kind == "private":
            load = lambda text: load_pem_private_key(text, None)  # noqa: E731
        keys = {}
        for path in self._zip.namelist():
            if path.startswith(prefix):
                name, text = path.removeprefix(prefix), self._small(path)
                try:
                    load(text)
                except (ValueError, TypeError) as error:
                    raise self._incomplete(f"{path} is no key") from error
                # A name in an archive may lead anywhere.
                if not _KEY_NAME.fullmatch(name):
                    raise self._incomplete(f"{path} is no name of a key")
                keys[name] = text.decode()
        if not keys:
            raise self._incomplete(f"no {kind} signing key is in it")
        return keys

    def _small(self, path: str) -> bytes:
        try:
            if self._zip.getinfo(path).file_size > _SMALL:
                raise self._incomplete(f"{path} is longer than {_SMALL} bytes")
            return self._zip.read(path)
        except BROKEN as error:
            raise self._incomplete(f"{path}: {error}") from error

    def _read_manifest(self) -> Manifest:
        text = self._small(_MANIFEST)
        try:
            manifest = json.loads(text)
        except ValueError as error:
            raise self._incomplete("its manifest is no JSON") from error
        wrong = self._incomplete("its manifest does not describe a backup")
        if not isinstance(manifest, dict) or not _is_count(manifest.get("format"), 1):
            raise wrong
        if manifest["format"] > FORMAT:
            raise EmsError(
                f"{self._name} was made by a newer version of this command; restore it with that."
            )
        taken_at: Any = manifest.get("taken_at")
        totals: Any = manifest.get("totals")
        postgresql: Any = manifest.get("postgresql", 0)
        queries: Any = manifest.get("queries", {})
        if not _is_instant(taken_at) or not _is_count(postgresql, 0) or not _are_totals(totals):
            raise wrong
        if not _are_queries(queries):
            raise wrong
        missing = {_SECRETS, *map(_dump_of, SERVICES)} - set(self._zip.namelist())
        if missing:
            raise self._incomplete(f"{', '.join(sorted(missing))} is not in it")
        return Manifest(manifest["format"], taken_at, postgresql, totals, queries)

    def _incomplete(self, why: str) -> EmsError:
        return EmsError(f"{self._name} is no complete backup: {why}.")


@contextlib.contextmanager
def opened(file: Path | IO[bytes], key: str | None) -> Iterator[Backup]:
    """Open a backup that was made with `key`; without a key, any backup.

    Raises `EmsError` for a file that is no backup, or that this key does not authenticate.
    """
    name = str(file) if isinstance(file, Path) else "The file on standard input"
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(open(file, "rb")) if isinstance(file, Path) else file
            if key is not None:
                _authenticate(name, stream, key)
            archive = stack.enter_context(zipfile.ZipFile(stream))
        except FileNotFoundError as error:
            raise EmsError(f"{name} does not exist; name the file that a backup made.") from error
        except BROKEN as error:
            raise EmsError(f"{name} is no complete backup: {error}.") from error
        yield Backup(name, archive)


def _authenticate(name: str, stream: IO[bytes], key: str) -> None:
    size = stream.seek(0, os.SEEK_END) - _TAG_BYTES
    stream.seek(max(size, 0))
    tag = stream.read(_TAG_BYTES)
    if size < 0 or not tag.startswith(_MARK):
        if not zipfile.is_zipfile(stream):
            raise EmsError(f"{name} is no complete backup: it broke off, or is something else.")
        raise EmsError(
            f"{name} is not authenticated: it broke off, or an earlier version of this command made"
            " it. It cannot be checked whether it was changed since. If you know that it was not,"
            " restore it with --unauthenticated."
        )
    stream.seek(0)
    mac = hmac.new(key.encode(), digestmod=hashlib.sha256)
    left = size
    while left and (chunk := stream.read(min(_CHUNK, left))):
        mac.update(chunk)
        left -= len(chunk)
    if not hmac.compare_digest(_MARK + mac.hexdigest().encode(), tag):
        raise EmsError(
            f"The backup key does not fit {name}: it is another installation's, or the file was"
            " changed after it was made. `credentials` of the installation that was saved shows its"
            " key. Nothing was restored."
        )
    stream.seek(0)


def _dump_of(service: str) -> str:
    return f"{service.removesuffix('_service')}_db.dump"


def _is_count(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_instant(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _are_queries(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) <= set(SERVICES)
        and all(isinstance(query, str) for query in value.values())
    )


def _are_totals(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == set(SERVICES)
        and all(
            isinstance(counts, dict)
            and all(isinstance(name, str) for name in counts)
            and all(isinstance(total, str) or _is_count(total, 0) for total in counts.values())
            for counts in value.values()
        )
    )
