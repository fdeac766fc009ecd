"""Access tokens: verified here by public keys alone; auth_service signs them.

simplejwt 5.5.1 knows one key and writes no `kid`, so its backend is given a ring of keys: a new
key can sign while tokens of the old key are still valid.
"""

from __future__ import annotations

import logging
import math
import time
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError
from rest_framework_simplejwt.settings import api_settings

logger = logging.getLogger(__name__)

#: Seconds between looks at the folder of public keys: how long a new key may stay unknown.
KEY_REFRESH_SECONDS = 1.0

#: Claims without which a token says too little to be trusted, each with the one type it may have.
#: JSON's `true` would otherwise pass for version 1, and "60" or 60.5 for a time.
REQUIRED_CLAIMS = {"sub": str, "jti": str, "ver": int, "iss": str, "aud": str, "exp": int}
#: Claims that may be missing, and are checked when they are there.
OPTIONAL_CLAIMS = {"iat": int, "nbf": int, "username": str, "role": str, "sid": str}
_TYPE_NAMES = {str: "string", int: "whole number"}


class PublicKeyRing:
    """The public keys of a folder, one `<kid>.pem` each, read again when the folder changes.

    Beside the key of an earlier signer is `<kid>.expires`, the instant (RFC 3339) at which its last
    token has expired: from then on the key verifies nothing, even in the hands of a thief.
    """

    def __init__(self, folder: Path) -> None:
        """Read the keys at the first use."""
        self._folder = folder
        self._keys: dict[str, tuple[Ed25519PublicKey, float]] = {}
        self._folder_mtime_ns = -1
        self._looked_at = 0.0
        self._logged: set[str] = set()

    def get(self, kid: str) -> Ed25519PublicKey | None:
        """Return the key of an id, or None."""
        return self.all().get(kid)

    def all(self) -> dict[str, Ed25519PublicKey]:
        """Return the keys by id."""
        if time.monotonic() - self._looked_at >= KEY_REFRESH_SECONDS:
            self._refresh()
        now = time.time()
        return {kid: key for kid, (key, expires_at) in self._keys.items() if now < expires_at}

    def _refresh(self) -> None:
        self._looked_at = time.monotonic()
        try:
            mtime_ns = self._folder.stat().st_mtime_ns
            if mtime_ns == self._folder_mtime_ns:
                return
            paths = sorted(self._folder.glob("*.pem"))
        except OSError as error:
            # The known keys stay valid: otherwise every user would be rejected.
            self._log_once(self._folder, error)
            return
        keys: dict[str, tuple[Ed25519PublicKey, float]] = {}
        for path in paths:
            try:
                key = load_pem_public_key(path.read_bytes())
                if not isinstance(key, Ed25519PublicKey):
                    raise ValueError("not an Ed25519 key")
                keys[path.stem] = (key, _expiry(path.with_suffix(".expires")))
            except (OSError, ValueError, UnsupportedAlgorithm) as error:
                # One bad file must not cost everybody their session. It may be half written, and
                # finishing it does not touch the folder: look again at the next refresh.
                self._log_once(path, error)
                mtime_ns = -1
        self._keys = keys
        self._folder_mtime_ns = mtime_ns

    def _log_once(self, path: Path, error: Exception) -> None:
        if str(path) not in self._logged:
            self._logged.add(str(path))
            logger.error("public key skipped: %s cannot be used: %s", path, error)


def _expiry(path: Path) -> float:
    """Return the Unix time in the file, infinity if there is no file. Raises ValueError."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return math.inf
    expires_at = datetime.fromisoformat(text.strip())
    if expires_at.tzinfo is None:
        raise ValueError("an expiry without offset")
    return expires_at.timestamp()


class KeyRingBackend(TokenBackend):
    """simplejwt's backend with the verifying key chosen by the token's `kid`."""

    def __init__(self, ring: PublicKeyRing) -> None:
        """Verify with the keys of a ring."""
        super().__init__(
            algorithm="EdDSA",
            audience=api_settings.AUDIENCE,
            issuer=api_settings.ISSUER,
            leeway=api_settings.LEEWAY,
        )
        self._ring = ring

    def get_verifying_key(self, token: Any) -> Ed25519PublicKey:
        """Return the key of a token. Raises TokenBackendError for an unknown `kid`."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
        except jwt.InvalidTokenError as error:
            raise TokenBackendError("Token is invalid") from error
        key = self._ring.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise TokenBackendError("Token is signed by an unknown key")
        return key


@cache
def verifying_backend() -> KeyRingBackend:
    """Return the backend over the keys in `settings.JWT_PUBLIC_KEYS_DIR`."""
    return KeyRingBackend(PublicKeyRing(Path(settings.JWT_PUBLIC_KEYS_DIR)))


class VerifiedAccessToken(tokens.AccessToken):
    """An access token whose signature, issuer, audience, expiry and claims hold.

    Raises TokenError on construction otherwise.
    """

    def get_token_backend(self) -> KeyRingBackend:
        """Return the backend of this process."""
        return verifying_backend()

    def verify(self) -> None:
        """Check the claims besides the signature. Raises TokenError."""
        missing = [claim for claim in REQUIRED_CLAIMS if claim not in self.payload]
        if missing:
            raise TokenError(f"Token lacks {', '.join(missing)}")
        # Before the library's own checks: an `exp` that is a string would break them off.
        for claim, expected in {**REQUIRED_CLAIMS, **OPTIONAL_CLAIMS}.items():
            # Not isinstance: for Python True is an int.
            if claim in self.payload and type(self.payload[claim]) is not expected:
                raise TokenError(f"Token has a {claim} that is no {_TYPE_NAMES[expected]}")
        super().verify()
