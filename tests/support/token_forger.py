"""Forged tokens, signed with the installation's own key, which no attacker has."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from .installation import Installation


class Forger:
    """Variations of a genuine token."""

    def __init__(self, installation: Installation, genuine: str) -> None:
        self.genuine = genuine
        self.claims: dict[str, Any] = jwt.decode(genuine, options={"verify_signature": False})
        self.claims["exp"] = int(time.time()) + 600
        self.kid: str = jwt.get_unverified_header(genuine)["kid"]
        keys = installation.home / "keys"
        # Perhaps rotated since then.
        self.path = max((keys / "private").glob("*.pem"), key=lambda path: path.stat().st_mtime_ns)
        self.kid = self.path.stem
        self.public_pem = (keys / "public" / self.path.name).read_bytes()

    def sign(
        self, *, key: Ed25519PrivateKey | None = None, kid: str | None = "", **claims: Any
    ) -> str:
        """Return a token, signed with the installation's key or another; None omits a claim."""
        if key is None:
            key = load_pem_private_key(self.path.read_bytes(), password=None)
            assert isinstance(key, Ed25519PrivateKey)
        payload = {name: v for name, v in {**self.claims, **claims}.items() if v is not None}
        headers = {} if kid is None else {"kid": kid or self.kid}
        return jwt.encode(payload, key, algorithm="EdDSA", headers=headers)

    def unsigned(self) -> str:
        return f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': self.kid})}.{_part(self.claims)}."

    def hmac_with_public_key(self) -> str:
        text = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': self.kid})}.{_part(self.claims)}"
        digest = hmac.new(self.public_pem, text.encode(), hashlib.sha256).digest()
        return f"{text}.{_encoded(digest)}"

    def with_own_key_in_header(self) -> str:
        key = Ed25519PrivateKey.generate()
        own = {"kty": "OKP", "crv": "Ed25519", "x": _encoded(key.public_key().public_bytes_raw())}
        headers = {"kid": self.kid, "jwk": own, "jku": "http://127.0.0.1:9/jwks.json"}
        return jwt.encode(self.claims, key, algorithm="EdDSA", headers=headers)

    def tampered(self, **claims: Any) -> str:
        header, _, signature = self.genuine.split(".")
        return f"{header}.{_part({**self.claims, **claims, 'username': 'mallory'})}.{signature}"


def _part(document: dict[str, Any]) -> str:
    return _encoded(json.dumps(document).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
