"""Access tokens: verified here by public keys alone; auth_service signs them.

simplejwt 5.5.1 knows one key and writes no `kid`, so its backend is given a ring of keys: a new
key can sign while tokens of the old one are still good.
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError
from rest_framework_simplejwt.settings import api_settings

#: Seconds between looks at the folder of public keys: how long a new key may stay unknown.
KEY_REFRESH_SECONDS = 1.0

#: Claims without which a token says too little to be trusted.
REQUIRED_CLAIMS = ("sub", "jti", "ver", "iss", "aud", "exp")


class PublicKeyRing:
    """The public keys of a folder, one `<kid>.pem` each, re-read when the folder changes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._folder_mtime_ns = -1
        self._looked_at = 0.0

    def get(self, kid: str) -> Ed25519PublicKey | None:
        """The key of that id, or None."""
        return self.all().get(kid)

    def all(self) -> dict[str, Ed25519PublicKey]:
        """Every key by its id."""
        if time.monotonic() - self._looked_at >= KEY_REFRESH_SECONDS:
            self._refresh()
        return self._keys

    def _refresh(self) -> None:
        mtime_ns = self._folder.stat().st_mtime_ns
        if mtime_ns != self._folder_mtime_ns:
            found = {
                path.stem: load_pem_public_key(path.read_bytes())
                for path in self._folder.glob("*.pem")
            }
            self._keys = {k: key for k, key in found.items() if isinstance(key, Ed25519PublicKey)}
            self._folder_mtime_ns = mtime_ns
        self._looked_at = time.monotonic()


class KeyRingBackend(TokenBackend):
    """simplejwt's backend with the verifying key chosen by the token's `kid`."""

    def __init__(self, ring: PublicKeyRing) -> None:
        super().__init__(
            algorithm="EdDSA",
            audience=api_settings.AUDIENCE,
            issuer=api_settings.ISSUER,
            leeway=api_settings.LEEWAY,
        )
        self._ring = ring

    def get_verifying_key(self, token: Any) -> Ed25519PublicKey:
        """Raises TokenBackendError for a token without a `kid` that we know."""
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
    """The backend over the keys in `settings.JWT_PUBLIC_KEYS_DIR`."""
    return KeyRingBackend(PublicKeyRing(Path(settings.JWT_PUBLIC_KEYS_DIR)))


class VerifiedAccessToken(tokens.AccessToken):
    """An access token whose signature, issuer, audience, expiry and claims hold.

    Raises TokenError on construction otherwise.
    """

    def get_token_backend(self) -> KeyRingBackend:
        return verifying_backend()

    def verify(self) -> None:
        super().verify()
        missing = [claim for claim in REQUIRED_CLAIMS if claim not in self.payload]
        if missing:
            raise TokenError(f"Token lacks {', '.join(missing)}")
        if not isinstance(self.payload["ver"], int):
            raise TokenError("Token has no usable version")
