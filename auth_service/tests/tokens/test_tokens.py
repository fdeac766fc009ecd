"""Access tokens: their claims, and the forgeries that are rejected."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.core.exceptions import ImproperlyConfigured
from rest_framework.test import APIClient

from authentication.tokens.signing import SigningBackend, public_keys, signing_backend
from service_kit.access.tokens import PublicKeyRing
from service_kit.settings import TOKEN_AUDIENCE, TOKEN_ISSUER
from service_kit.testing import TokenIssuer

ME = "/api/auth/me/"


@pytest.fixture
def access(alice, log_in) -> str:
    return log_in(alice)["access"]


def status_with(token: str) -> int:
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {token}").get(ME).status_code


def claims_of(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def forge(claims: dict, *, key=None, algorithm: str = "EdDSA", **header) -> str:
    """Sign the claims, by default with the real signing key."""
    kid, real_key = signing_backend().signing_pair()
    headers = {"kid": kid, **header}
    return jwt.encode(claims, key or real_key, algorithm=algorithm, headers=headers)


def test_a_token_carries_user_role_and_expiry(alice, access):
    claims = claims_of(access)

    assert set(claims) == {
        *("sub", "username", "role", "iss", "aud", "exp", "iat", "jti", "ver", "token_type"),
        "sid",
    }
    assert (claims["sub"], claims["username"], claims["role"]) == (str(alice.id), "alice", "client")
    assert (claims["iss"], claims["aud"]) == (TOKEN_ISSUER, TOKEN_AUDIENCE)
    assert (claims["ver"], claims["token_type"]) == (1, "access")
    assert claims["exp"] - claims["iat"] == 600
    assert UUID(claims["jti"])
    assert UUID(claims["sid"])


def test_a_token_can_be_verified_with_the_published_keys(access, nobody):
    response = nobody.get("/api/auth/jwks.json")

    keys = jwt.PyJWKSet.from_dict(response.json())
    header = jwt.get_unverified_header(access)
    assert header["alg"] == "EdDSA"
    jwt.decode(access, keys[header["kid"]], algorithms=["EdDSA"], audience=TOKEN_AUDIENCE)
    assert response["Cache-Control"] == "public, max-age=60"


def test_published_keys_have_no_private_part(nobody):
    for key in nobody.get("/api/auth/jwks.json").json()["keys"]:
        assert set(key) == {"kty", "crv", "alg", "use", "kid", "x"}


def test_a_genuine_token_is_accepted_repeatedly(access):
    assert status_with(access) == 200
    assert status_with(forge(claims_of(access))) == 200


def test_a_changed_payload_is_rejected(admin, access):
    header, _, signature = access.split(".")
    claims = {**claims_of(access), "sub": str(admin.id), "role": "admin"}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")

    assert status_with(f"{header}.{payload}.{signature}") == 401


def test_a_token_without_signature_is_rejected(access):
    kid = jwt.get_unverified_header(access)["kid"]
    token = jwt.encode(claims_of(access), None, algorithm="none", headers={"kid": kid})

    assert status_with(token) == 401


def test_a_token_signed_with_the_public_key_as_a_secret_is_rejected(access, settings):
    kid = jwt.get_unverified_header(access)["kid"]
    secret = (Path(settings.JWT_PUBLIC_KEYS_DIR) / f"{kid}.pem").read_bytes()

    def part(document: dict) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=")

    # Signed by hand, because the library rejects such a key.
    signed = part({"alg": "HS256", "typ": "JWT", "kid": kid}) + b"." + part(claims_of(access))
    mac = hmac.new(secret, signed, hashlib.sha256).digest()
    token = signed + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")

    assert status_with(token.decode()) == 401


def test_a_token_of_a_foreign_key_is_rejected(access):
    assert status_with(forge(claims_of(access), key=Ed25519PrivateKey.generate())) == 401


def test_a_key_inside_the_token_is_ignored(access):
    foreign = Ed25519PrivateKey.generate()
    jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(foreign.public_key()))

    assert status_with(forge(claims_of(access), key=foreign, jwk=jwk)) == 401
    assert status_with(forge(claims_of(access), key=foreign, jku="http://127.0.0.1/keys")) == 401


def test_another_algorithm_is_rejected(access):
    key = generate_private_key(SECP256R1())

    assert status_with(forge(claims_of(access), key=key, algorithm="ES256")) == 401


@pytest.mark.parametrize("kid", ["unknown", "", "../private/key"])
def test_an_unknown_key_id_is_rejected(access, kid):
    assert status_with(forge(claims_of(access), kid=kid)) == 401


def test_a_token_without_key_id_is_rejected(access):
    _, key = signing_backend().signing_pair()

    assert status_with(jwt.encode(claims_of(access), key, algorithm="EdDSA")) == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody else"},
        {"aud": "another platform"},
        {"exp": int(time.time()) - 60},
        {"nbf": int(time.time()) + 3600},
        {"token_type": "refresh"},
        {"sub": "not an id"},
        {"sub": str(uuid4())},
        {"ver": 0},
        {"ver": "1"},
    ],
    ids=lambda changed: "{} {}".format(*next(iter(changed.items()))),
)
def test_a_token_with_a_wrong_claim_is_rejected(access, changed):
    assert status_with(forge({**claims_of(access), **changed})) == 401


@pytest.mark.parametrize("claim", ["sub", "iss", "aud", "exp", "jti", "ver", "token_type"])
def test_a_token_without_a_claim_is_rejected(access, claim):
    claims = claims_of(access)
    del claims[claim]

    assert status_with(forge(claims)) == 401


@pytest.mark.parametrize("token", ["x", "a.b.c", "\xff", "", "two words"])
def test_a_malformed_token_is_rejected(db, token):
    assert status_with(token) == 401


def test_a_refresh_token_is_rejected_as_access_token(alice, log_in):
    assert status_with(log_in(alice)["refresh"]) == 401


def test_a_token_in_the_address_is_ignored(access, nobody):
    assert nobody.get(ME, {"token": access, "access_token": access}).status_code == 401


@pytest.mark.parametrize("role", ["admin", "operator"])
def test_the_role_in_a_token_grants_nothing(role, alice, access):
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {forge({**claims_of(access), 'role': role})}")

    assert client.get("/api/users/").status_code == 403
    assert client.get(ME).json()["role"] == "client"


def test_an_expired_token_is_valid_for_seconds_of_clock_skew(access):
    just_now = {"exp": int(time.time()) - 2}

    assert status_with(forge({**claims_of(access), **just_now})) == 200


def write_private_key(folder: Path, kid: str, *, age: timedelta) -> None:
    key = Ed25519PrivateKey.generate()
    path = folder / f"{kid}.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    written_at = time.time() - age.total_seconds()
    os.utime(path, (written_at, written_at))


def public_half(folder: Path, kid: str, into: Path) -> None:
    key = load_pem_private_key((folder / f"{kid}.pem").read_bytes(), password=None)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (into / f"{kid}.pem").write_bytes(pem)


@pytest.fixture
def folders(tmp_path) -> tuple[Path, Path]:
    """Folders of private and public keys with b-old and, a day younger, a-new."""
    private, public = tmp_path / "private", tmp_path / "public"
    private.mkdir(), public.mkdir()
    for kid, age in (("b-old", timedelta(days=2)), ("a-new", timedelta(days=1))):
        write_private_key(private, kid, age=age)
        public_half(private, kid, public)
    return private, public


def signing_kid(private: Path, public: Path) -> str:
    token = SigningBackend(PublicKeyRing(public), private).encode({"sub": "x"})
    return jwt.get_unverified_header(token)["kid"]


def test_the_newest_key_signs(folders):
    assert signing_kid(*folders) == "a-new"


def test_a_key_without_public_half_does_not_sign_yet(folders):
    write_private_key(folders[0], "c-newest", age=timedelta(0))

    assert signing_kid(*folders) == "a-new"


def test_a_login_succeeds_beside_an_unreadable_signing_key(folders):
    (folders[0] / "c-newest.pem").write_text("half a key")

    assert signing_kid(*folders) == "a-new"


def test_the_error_names_the_setting_when_there_is_no_signing_key(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="JWT_PRIVATE_KEYS_DIR"):
        SigningBackend(public_keys(), tmp_path).signing_pair()


def test_the_token_issuer_of_tests_writes_the_same_claims(alice, access, tmp_path):
    imitation = TokenIssuer(tmp_path).token(alice)

    theirs, ours = claims_of(imitation), claims_of(access)
    varying = {"iat": 0, "exp": 0, "jti": "", "sid": ""}
    assert {**theirs, **varying} == {**ours, **varying}
    assert theirs["exp"] - theirs["iat"] == ours["exp"] - ours["iat"]
