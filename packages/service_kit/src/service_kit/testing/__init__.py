"""Shared code of the services' tests; no installed program imports this module."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from service_kit.settings import TOKEN_AUDIENCE, TOKEN_ISSUER

#: How long auth_service's access tokens live.
ACCESS_TOKEN_LIFETIME = timedelta(minutes=10)


class TokenHolder(Protocol):
    """The user of a token, e.g. a KnownUser."""

    id: UUID
    username: str
    role: str
    token_version: int


class TokenIssuer:
    """Replaces auth_service: its public key is in `folder`, its tokens look the same.

    Make it before the first request of the test run, with the folder that
    `settings.JWT_PUBLIC_KEYS_DIR` names: verifiers look for new keys once a second.
    """

    def __init__(self, folder: Path, *, kid: str = "test-key") -> None:
        """Write the public key into `folder`."""
        self._kid = kid
        self._key = Ed25519PrivateKey.generate()
        public_key = self._key.public_key()
        pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (folder / f"{kid}.pem").write_bytes(pem)

    def token(
        self, user: TokenHolder, *, lifetime: timedelta = ACCESS_TOKEN_LIFETIME, **claims: Any
    ) -> str:
        """Return an access token for `user`; `claims` replace the usual ones, None omits one."""
        now = int(time.time())
        payload = {
            "token_type": "access",
            "sub": str(user.id),
            "username": user.username,
            "role": user.role,
            "ver": user.token_version,
            "iss": TOKEN_ISSUER,
            "aud": TOKEN_AUDIENCE,
            "iat": now,
            "exp": now + int(lifetime.total_seconds()),
            "jti": uuid4().hex,
            "sid": str(uuid4()),
            **claims,
        }
        payload = {name: value for name, value in payload.items() if value is not None}
        return jwt.encode(payload, self._key, algorithm="EdDSA", headers={"kid": self._kid})

    def authorization(self, user: TokenHolder, **claims: Any) -> str:
        """Return the `Authorization` header with such a token."""
        return f"Bearer {self.token(user, **claims)}"
