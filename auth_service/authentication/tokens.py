"""Access tokens are signed here and nowhere else; the other services can only verify them."""

from __future__ import annotations

import base64
import time
from functools import cache
from pathlib import Path
from typing import Any

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
from service_kit.tokens import (
    KEY_REFRESH_SECONDS,
    KeyRingBackend,
    PublicKeyRing,
    VerifiedAccessToken,
)


class SigningBackend(KeyRingBackend):
    """Verifies like everybody, and signs with the newest private key of a folder."""

    def __init__(self, ring: PublicKeyRing, private_keys: Path) -> None:
        super().__init__(ring)
        self._folder = private_keys
        self._pair: tuple[str, Ed25519PrivateKey] | None = None
        self._looked_at = 0.0

    def signing_pair(self) -> tuple[str, Ed25519PrivateKey]:
        """Key id and key that sign now. Raises ImproperlyConfigured when there is none."""
        now = time.monotonic()
        if self._pair is None or now - self._looked_at >= KEY_REFRESH_SECONDS:
            self._pair = _newest_key(self._folder, self._ring)
            self._looked_at = now
        return self._pair

    def encode(self, payload: dict[str, Any]) -> str:
        kid, key = self.signing_pair()
        return jwt.encode(
            {**payload, "aud": self.audience, "iss": self.issuer},
            key,
            algorithm=self.algorithm,
            headers={"kid": kid},
        )


def _newest_key(folder: Path, ring: PublicKeyRing) -> tuple[str, Ed25519PrivateKey]:
    """The newest usable key whose public half is known: nobody could verify another's tokens."""
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
    """The keys by which tokens of this installation are verified."""
    return PublicKeyRing(Path(settings.JWT_PUBLIC_KEYS_DIR))


@cache
def signing_backend() -> SigningBackend:
    """The backend over the folders named in the settings."""
    return SigningBackend(public_keys(), Path(settings.JWT_PRIVATE_KEYS_DIR))


class SignedAccessToken(VerifiedAccessToken):
    """An access token that can be written as well as read."""

    def get_token_backend(self) -> SigningBackend:
        return signing_backend()


def access_token_for(user: User) -> str:
    """A signed access token of the user as they are now."""
    token = SignedAccessToken()
    token["sub"] = str(user.id)
    token["username"] = user.username
    token["role"] = user.role
    token["ver"] = user.token_version
    return str(token)


def key_set() -> dict[str, list[dict[str, str]]]:
    """The public keys as a JSON Web Key Set (RFC 7517, RFC 8037)."""
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
