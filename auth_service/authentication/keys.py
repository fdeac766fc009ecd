"""Signing keys: a new one takes over while tokens of the old one are still good."""

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
from authentication.security import security_event
from service_kit.tokens import KEY_REFRESH_SECONDS

#: Time for every verifier to have looked at the folder of public keys.
LEARNING_SECONDS = 2 * KEY_REFRESH_SECONDS


@dataclass(frozen=True)
class Rotation:
    """The key that signs now, and until when its predecessors verify."""

    kid: str
    retired: list[str]
    verify_until: datetime


def signing_key_rotate() -> Rotation:
    """Make a new signing key; nobody is logged out. Raises OSError for folders that are read-only.

    The public half comes first, and the private one only when every service has learnt it: a
    token signed before would be refused. A crash between the steps leaves keys that all work.
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
    # The web processes may sign with the old one until they look again.
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
    """Drop public keys that verify nothing any more."""
    for mark in folder.glob("*.expires"):
        with contextlib.suppress(ValueError):
            if datetime.fromisoformat(mark.read_text().strip()) <= timezone.now():
                # The key before its mark: without the mark it would verify again.
                mark.with_suffix(".pem").unlink(missing_ok=True)
                mark.unlink()


def _write(path: Path, content: bytes, mode: int) -> None:
    """The whole file or none of it, never readable by more than `mode` says."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "wb") as stream:
        # The umask took bits from the mode.
        os.fchmod(descriptor, mode)
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)
    part.rename(path)
