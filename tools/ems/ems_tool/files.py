"""Files that root writes and reads near those of another user.

The service user may replace any entry of its own folders by a link to a file of root's. So these
functions open entries relative to a folder's descriptor, follow no link in the last part of a path,
accept only plain files with a single name, and change owner and mode on descriptors. The folders
above the last part belong to root: `OsUser` makes them so.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from ems_tool.console import EmsError

_SAFE = os.O_NOFOLLOW | os.O_CLOEXEC
#: Bytes read of one file; settings, keys and secrets are far shorter.
_LIMIT = 10_000_000


def make_folder(path: Path, mode: int, uid: int, gid: int) -> bool:
    """Make a folder with this owner and mode, or change them; return whether the owner changed.

    Raises `EmsError` if a file or a link has its name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)
        # A new folder had no other owner.
        with _folder(path) as descriptor:
            _give(descriptor, mode, uid, gid)
        return False
    with _folder(path) as descriptor:
        foreign = os.fstat(descriptor).st_uid != uid
        _give(descriptor, mode, uid, gid)
    return foreign


def clear_folder(path: Path, keep: tuple[str, ...] = ()) -> None:
    """Delete the contents of a folder, except the names in `keep`."""
    with _folder(path) as descriptor:
        for name in os.listdir(descriptor):
            if name not in keep:
                _remove(descriptor, name)


def adopt_files(path: Path, mode: int, uid: int, gid: int) -> None:
    """Change the owner of a folder's plain files, and delete all other entries."""
    with _folder(path) as descriptor:
        for name in os.listdir(descriptor):
            if not _adopt(descriptor, name, mode, uid, gid):
                _remove(descriptor, name)


def _remove(folder: int, name: str) -> None:
    if stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode):
        shutil.rmtree(name, dir_fd=folder)
    else:
        os.unlink(name, dir_fd=folder)


def _adopt(folder: int, name: str, mode: int, uid: int, gid: int) -> bool:
    try:
        # Non-blocking: opening a pipe would wait for its other end.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _SAFE, dir_fd=folder)
    except OSError:
        return False
    try:
        if not _is_plain(descriptor):
            return False
        _give(descriptor, mode, uid, gid)
    finally:
        os.close(descriptor)
    return True


def write(path: Path, text: str, mode: int, uid: int, gid: int) -> None:
    """Write a file with this owner and mode, completely or not at all."""
    with replacing(path, mode, uid, gid) as stream:
        stream.write(text.encode())


@contextlib.contextmanager
def replacing(path: Path, mode: int, uid: int, gid: int) -> Iterator[IO[bytes]]:
    """Yield a stream whose content becomes the file at `path` if the block ends without error."""
    # A random name, at which no other user can have placed a link.
    temporary = f".{path.name}.{secrets.token_hex(8)}"
    with _folder(path.parent) as folder:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE
        # Private until it has its owner: a secret must not be readable for an instant.
        descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                yield stream
                stream.flush()
                _give(descriptor, mode, uid, gid)
            os.rename(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            raise


def replacing_private(path: Path) -> AbstractContextManager[IO[bytes]]:
    """Yield a stream whose content becomes a file that only this process's user may read."""
    return replacing(path, 0o600, os.geteuid(), os.getegid())


def read(path: Path) -> bytes:
    """Return the content of a plain file. Raises `EmsError` for a link, `OSError` for no file."""
    with open_plain(path, os.O_RDONLY) as stream:
        return stream.read(_LIMIT)


@contextlib.contextmanager
def open_plain(path: Path, flags: int) -> Iterator[IO[bytes]]:
    """Open a plain file. Raises `EmsError` for a link or a second name of another file.

    `os.O_CREAT` creates it, readable by its owner alone.
    """
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK | _SAFE, 0o600)
    except OSError as error:
        if path.is_symlink():
            raise _not_plain(path) from error
        raise
    modes = {os.O_RDONLY: "rb", os.O_WRONLY: "wb", os.O_RDWR: "r+b"}
    with os.fdopen(descriptor, modes[flags & os.O_ACCMODE]) as stream:
        if not _is_plain(descriptor):
            raise _not_plain(path)
        os.set_blocking(descriptor, True)
        yield stream


def _not_plain(path: Path) -> EmsError:
    return EmsError(
        f"{path} is a link or no plain file, so it is not opened: it could lead to any file of"
        " this machine. See where it leads, remove it, then run this again."
    )


def belongs_to_us(path: Path) -> bool:
    """Return whether this process's user owns a file or folder that is no link."""
    with contextlib.suppress(OSError):
        status = path.lstat()
        return not stat.S_ISLNK(status.st_mode) and status.st_uid == os.geteuid()
    return False


@contextlib.contextmanager
def _folder(path: Path) -> Iterator[int]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _SAFE)
    except NotADirectoryError as error:
        raise EmsError(
            f"{path} is a link or no folder. See where it leads, remove it, then run this again."
        ) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _is_plain(descriptor: int) -> bool:
    # A second name (a hard link) may be another user's.
    status = os.fstat(descriptor)
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1


def _give(descriptor: int, mode: int, uid: int, gid: int) -> None:
    status = os.fstat(descriptor)
    if (status.st_uid, status.st_gid) != (uid, gid):
        os.fchown(descriptor, uid, gid)
    os.fchmod(descriptor, mode)
