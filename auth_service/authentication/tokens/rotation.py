"""Rotation of the signing key: tokens of the previous key stay valid until they expire."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.settings import api_settings

from authentication.models import SecurityEventKind
from authentication.security_log.services import security_event
from service_kit.access.tokens import KEY_REFRESH_SECONDS

#: Seconds after which every service has read the folder of public keys again.
LEARNING_SECONDS = 2 * KEY_REFRESH_SECONDS


@dataclass(frozen=True)
class Rotation:
    """The id of the new signing key, its predecessors, and the end of their validity."""

    kid: str
    retired: list[str]
    verify_until: datetime


def signing_key_rotate() -> Rotation:
    """Create a new signing key; every session stays open. Raises OSError for read-only folders.

    The public half is written first, the private half when every service has read the public one:
    services would reject a token that was signed earlier. A crash between the steps leaves only
    usable keys.
    """
    public_keys = Path(settings.JWT_PUBLIC_KEYS_DIR)
    private_keys = Path(settings.JWT_PRIVATE_KEYS_DIR)
    _prune(public_keys)
    retired = sorted(path.stem for path in private_keys.glob("*.pem"))
    kid = secrets.token_hex(8)
    key = Ed25519PrivateKey.generate()
    _write(
        public_keys / f"{kid}.pem",
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        0o644,
    )
    time.sleep(LEARNING_SECONDS)
    _write(
        private_keys / f"{kid}.pem",
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        0o600,
    )
    # The web processes may sign with the old key until they read the folder again.
    life: timedelta = api_settings.ACCESS_TOKEN_LIFETIME + timedelta(
        seconds=api_settings.LEEWAY + LEARNING_SECONDS
    )
    verify_until = timezone.now() + life
    for old in retired:
        _write(public_keys / f"{old}.expires", verify_until.isoformat().encode(), 0o644)
        (private_keys / f"{old}.pem").unlink()
    security_event(SecurityEventKind.KEY_ROTATED, kid=kid, retired=retired)
    return Rotation(kid, retired, verify_until)


def _prune(folder: Path) -> None:
    """Delete the public keys whose tokens have all expired."""
    for mark in folder.glob("*.expires"):
        with contextlib.suppress(ValueError):
            if datetime.fromisoformat(mark.read_text().strip()) <= timezone.now():
                # The key is deleted before its mark: without the mark it would be valid again.
                mark.with_suffix(".pem").unlink(missing_ok=True)
                mark.unlink()


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write the file completely or not at all, with `mode` from its first byte."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "wb") as stream:
        # The umask may have removed bits of the mode.
        os.fchmod(descriptor, mode)
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)
    part.rename(path)
