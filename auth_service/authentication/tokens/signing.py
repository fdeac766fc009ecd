"""Signed access tokens. Only auth_service signs; the other services verify."""

from __future__ import annotations

import base64
import time
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from authentication.models import User
from service_kit.access.tokens import (
    KEY_REFRESH_SECONDS,
    KeyRingBackend,
    PublicKeyRing,
    VerifiedAccessToken,
)


class SigningBackend(KeyRingBackend):
    """Verifies as in every service, and signs with the newest private key of a folder."""

    def __init__(self, ring: PublicKeyRing, private_keys: Path) -> None:
        """Use the keys of the folder `private_keys` whose public halves are in the ring."""
        super().__init__(ring)
        self._folder = private_keys
        self._pair: tuple[str, Ed25519PrivateKey] | None = None
        self._read_at = 0.0

    def signing_pair(self) -> tuple[str, Ed25519PrivateKey]:
        """Return id and key of the current signing key. Raises ImproperlyConfigured without one."""
        now = time.monotonic()
        if self._pair is None or now - self._read_at >= KEY_REFRESH_SECONDS:
            self._pair = _newest_key(self._folder, self._ring)
            self._read_at = now
        return self._pair

    def encode(self, payload: dict[str, Any]) -> str:
        """Return the signed token with these claims."""
        kid, key = self.signing_pair()
        return jwt.encode(
            {**payload, "aud": self.audience, "iss": self.issuer},
            key,
            algorithm=self.algorithm,
            headers={"kid": kid},
        )


def _newest_key(folder: Path, ring: PublicKeyRing) -> tuple[str, Ed25519PrivateKey]:
    """Return the newest usable key whose public half is in the ring: services know no other."""
    files = sorted(folder.glob("*.pem"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    known = ring.all()
    problem = f"there is no *.pem file in {folder}"
    for path in reversed(files):
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            problem = f"{path} cannot be used: {error}"
            continue
        if not isinstance(key, Ed25519PrivateKey):
            problem = f"{path} is not an Ed25519 key"
        elif path.stem not in known:
            problem = f"{path} has no public half in JWT_PUBLIC_KEYS_DIR"
        else:
            return path.stem, key
    raise ImproperlyConfigured(f"JWT_PRIVATE_KEYS_DIR: {problem}")


@cache
def public_keys() -> PublicKeyRing:
    """Return the keys that verify the tokens of this installation."""
    return PublicKeyRing(Path(settings.JWT_PUBLIC_KEYS_DIR))


@cache
def signing_backend() -> SigningBackend:
    """Return the backend over the folders that the settings name."""
    return SigningBackend(public_keys(), Path(settings.JWT_PRIVATE_KEYS_DIR))


class SignedAccessToken(VerifiedAccessToken):
    """An access token that can be signed as well as verified."""

    def get_token_backend(self) -> SigningBackend:
        """Return the backend that signs."""
        return signing_backend()


def access_token_for(user: User, *, session_id: UUID | None = None) -> str:
    """Return a signed access token with the user's current name, role and token version.

    `session_id` is the session that the token belongs to; it grants nothing and is not checked.
    """
    token = SignedAccessToken()
    token["sub"] = str(user.id)
    token["username"] = user.username
    token["role"] = user.role
    token["ver"] = user.token_version
    if session_id is not None:
        token["sid"] = str(session_id)
    return str(token)


def key_set() -> dict[str, list[dict[str, str]]]:
    """Return the public keys as a JSON Web Key Set (RFC 7517, RFC 8037)."""
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": kid,
                "x": base64.urlsafe_b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
                .decode()
                .rstrip("="),
            }
            for kid, key in sorted(public_keys().all().items())
        ]
    }
