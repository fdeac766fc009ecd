"""What the services' tests share; nothing that runs in an installation imports this module."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import connection

from service_kit.settings import TOKEN_AUDIENCE, TOKEN_ISSUER

#: How long auth_service's access tokens live.
ACCESS_TOKEN_LIFETIME = timedelta(minutes=10)


@contextmanager
def as_the_service() -> Iterator[Any]:
    """A cursor, and all else on this connection, as the role that an installation connects as."""
    with connection.cursor() as cursor:
        role = connection.ops.quote_name(settings.DATABASE_SERVICE_ROLE)
        cursor.execute(f"SET LOCAL ROLE {role}")
        yield cursor
        # Deferred checks run as whoever ends the transaction.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def attacks_on(table: str) -> list[str]:
    """Statements by which a process could falsify what stands in an append-only table."""
    return [
        f"UPDATE {table} SET actor_name = 'nobody'",  # noqa: S608
        f"DELETE FROM {table}",  # noqa: S608
        f"TRUNCATE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TRIGGER {table}_append_only ON {table}",
        f"DROP TABLE {table}",
        f"CREATE OR REPLACE FUNCTION {table}_refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN OLD; END'",
        "UPDATE django_migrations SET name = ''",
    ]


class TokenHolder(Protocol):
    """Whom a token can be issued to, e.g. a KnownUser."""

    id: UUID
    username: str
    role: str
    token_version: int


class TokenIssuer:
    """Stands in for auth_service: its public key lies in `folder`, its tokens look the same.

    Make it before the first request of the test run, with the folder that
    `settings.JWT_PUBLIC_KEYS_DIR` names: verifiers look for new keys once a second.
    """

    def __init__(self, folder: Path, *, kid: str = "test-key") -> None:
        self._kid = kid
        self._key = Ed25519PrivateKey.generate()
        public_key = self._key.public_key()
        pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (folder / f"{kid}.pem").write_bytes(pem)

    def token(
        self, user: TokenHolder, *, lifetime: timedelta = ACCESS_TOKEN_LIFETIME, **claims: Any
    ) -> str:
        """An access token for `user`; `claims` replace the usual ones, None leaves one out."""
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
            **claims,
        }
        payload = {name: value for name, value in payload.items() if value is not None}
        return jwt.encode(payload, self._key, algorithm="EdDSA", headers={"kid": self._kid})

    def authorization(self, user: TokenHolder, **claims: Any) -> str:
        """The value of the `Authorization` header that carries such a token."""
        return f"Bearer {self.token(user, **claims)}"
