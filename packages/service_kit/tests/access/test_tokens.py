"""Access tokens: their claims, and public keys that are added and removed at run time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from service_kit.access.authentication import BearerAuthentication, check_still_valid
from service_kit.access.tokens import PublicKeyRing, VerifiedAccessToken, verifying_backend
from service_kit.identity.models import KnownUser
from service_kit.testing import TokenIssuer
from service_kit.testing.waiting import wait_until


@pytest.fixture
def alice() -> KnownUser:
    return KnownUser(
        id=uuid4(), username="alice", role="client", is_active=True, token_version=3, version=5
    )


@pytest.fixture
def issuer(tmp_path: Path, settings_keys: Path) -> TokenIssuer:
    return TokenIssuer(settings_keys)


@pytest.fixture
def settings_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of public keys that the verifier uses in this test."""
    monkeypatch.setattr(verifying_backend(), "_ring", PublicKeyRing(tmp_path))
    return tmp_path


def verified_claims(token: str) -> VerifiedAccessToken:
    return BearerAuthentication().get_validated_token(token.encode())


def accepted(token: str) -> bool:
    try:
        verified_claims(token)
    except AuthenticationFailed:
        return False
    return True


def test_a_genuine_token_gives_its_claims(issuer: TokenIssuer, alice: KnownUser) -> None:
    claims = verified_claims(issuer.token(alice))

    assert (claims["sub"], claims["ver"]) == (str(alice.id), 3)


@pytest.mark.parametrize(("seconds_ago", "good"), [(2, True), (60, False)])
def test_clocks_may_differ_by_seconds_between_services_and_not_by_a_minute(
    seconds_ago: int, good: bool, issuer: TokenIssuer, alice: KnownUser
) -> None:
    expired = issuer.token(alice, lifetime=timedelta(seconds=-seconds_ago))
    early = issuer.token(alice, nbf=int(time.time()) + seconds_ago)

    assert (accepted(expired), accepted(early)) == (good, good)


def test_a_new_key_is_accepted_and_a_removed_key_rejected_without_a_restart(
    settings_keys: Path, issuer: TokenIssuer, alice: KnownUser
) -> None:
    assert accepted(issuer.token(alice))

    successor = TokenIssuer(settings_keys, kid="next")
    wait_until(lambda: accepted(successor.token(alice)))
    assert accepted(issuer.token(alice))

    (settings_keys / "test-key.pem").unlink()
    wait_until(lambda: not accepted(issuer.token(alice)))
    assert accepted(successor.token(alice))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody"},
        {"aud": "somewhere"},
        {"exp": 1},
        {"exp": None},
        {"jti": None},
        {"ver": None},
        {"ver": "3"},
        {"sub": None},
        {"token_type": "refresh"},
    ],
    ids=lambda changed: "{} {}".format(*next(iter(changed.items()))),
)
def test_a_wrong_or_missing_claim_is_rejected(
    issuer: TokenIssuer, alice: KnownUser, changed: dict[str, object]
) -> None:
    assert not accepted(issuer.token(alice, **changed))


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf", "ver"])
@pytest.mark.parametrize("written", [float, str, bool, lambda number: [number]], ids=repr)
def test_a_number_written_as_another_type_is_rejected(
    issuer: TokenIssuer, alice: KnownUser, claim: str, written: Callable[[int], object]
) -> None:
    alice.token_version = 1
    now = int(time.time())
    numbers = {"exp": now + 60, "iat": now - 60, "nbf": now - 60, "ver": 1}
    assert accepted(issuer.token(alice, **numbers))

    assert not accepted(issuer.token(alice, **{**numbers, claim: written(numbers[claim])}))


@pytest.mark.parametrize("claim", ["sub", "jti", "aud", "token_type", "username", "role"])
@pytest.mark.parametrize("written", [lambda text: [text], lambda text: {text: 1}, bool, len])
def test_a_text_written_as_another_type_is_rejected(
    issuer: TokenIssuer, alice: KnownUser, claim: str, written: Callable[[str], object]
) -> None:
    genuine = issuer.token(alice)
    text = verified_claims(genuine)[claim]

    assert not accepted(issuer.token(alice, **{claim: written(text)}))


def test_a_token_of_an_unknown_key_is_rejected(
    issuer: TokenIssuer, alice: KnownUser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = TokenIssuer(tmp_path_factory.mktemp("foreign"), kid="other")
    impostor = TokenIssuer(tmp_path_factory.mktemp("impostor"))

    assert not accepted(stranger.token(alice))
    assert not accepted(impostor.token(alice))


@pytest.mark.parametrize(
    ("is_active", "token_version", "code"),
    [(False, 3, "session_ended"), (True, 4, "session_ended")],
    ids=["disabled", "sessions ended"],
)
def test_a_token_is_rejected_when_its_user_is_disabled_or_their_sessions_ended(
    issuer: TokenIssuer, alice: KnownUser, is_active: bool, token_version: int, code: str
) -> None:
    token = verified_claims(issuer.token(alice))
    alice.is_active, alice.token_version = is_active, token_version

    with pytest.raises(AuthenticationFailed) as rejection:
        check_still_valid(alice, token["ver"])

    assert rejection.value.get_codes() == code


def test_a_token_of_an_unknown_user_is_rejected(issuer: TokenIssuer, alice: KnownUser) -> None:
    with pytest.raises(AuthenticationFailed) as rejection:
        check_still_valid(None, token_version=3)

    assert rejection.value.get_codes() == "user_not_known"


@pytest.mark.parametrize("role", ["operator", "", "Admin"])
def test_a_token_of_a_user_whose_role_is_unknown_stays_valid(
    role: str, issuer: TokenIssuer, alice: KnownUser
) -> None:
    token = verified_claims(issuer.token(alice))
    alice.role = role

    assert check_still_valid(alice, token["ver"]) is alice


def test_a_token_newer_than_the_copy_of_its_user_is_accepted(
    issuer: TokenIssuer, alice: KnownUser
) -> None:
    token = verified_claims(issuer.token(alice, ver=4))

    assert check_still_valid(alice, token["ver"]) is alice


def test_a_token_that_names_no_user_is_rejected(issuer: TokenIssuer, alice: KnownUser) -> None:
    with pytest.raises(AuthenticationFailed):
        BearerAuthentication().authenticate_token(issuer.token(alice, sub="nobody"))


@pytest.mark.parametrize(
    ("header", "problem"),
    [("Bearer", "holds no token"), ("bearer ", "holds no token"), ("Bearer a b", "more than one")],
)
def test_an_authorization_header_without_one_token_is_rejected_with_its_fault_and_the_remedy(
    header: str, problem: str
) -> None:
    request = Request(APIRequestFactory().get("/", headers={"Authorization": header}))

    with pytest.raises(AuthenticationFailed, match=problem) as rejection:
        BearerAuthentication().authenticate(request)

    assert "send: Authorization: Bearer <token>" in str(rejection.value)
    assert rejection.value.get_codes() == "bad_header"


def test_an_empty_token_is_rejected_as_empty() -> None:
    with pytest.raises(AuthenticationFailed, match="empty"):
        BearerAuthentication().authenticate_token("")


def test_a_genuine_token_with_a_character_that_no_header_can_carry_is_rejected(
    issuer: TokenIssuer, alice: KnownUser
) -> None:
    for character in ("\ud800", "é"):
        with pytest.raises(AuthenticationFailed):
            BearerAuthentication().authenticate_token(issuer.token(alice) + character)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_of_the_header_is_read_in_any_case(
    issuer: TokenIssuer, alice: KnownUser, scheme: str
) -> None:
    class AliceAuthentication(BearerAuthentication):
        def user_by_id(self, user_id: UUID) -> KnownUser:
            return alice

    header = {"Authorization": f"{scheme} {issuer.token(alice)}"}
    request = Request(APIRequestFactory().get("/", headers=header))

    user, token = AliceAuthentication().authenticate(request)

    assert (user, token["sub"]) == (alice, str(alice.id))


def test_an_unreadable_key_is_skipped_and_logged_once_while_the_others_verify(
    settings_keys: Path, issuer: TokenIssuer, alice: KnownUser, caplog: pytest.LogCaptureFixture
) -> None:
    (settings_keys / "broken.pem").write_text("-----BEGIN PUBLIC KEY-----\nhalf of it")
    ring = PublicKeyRing(settings_keys)

    for _ in range(3):
        ring._looked_at = 0
        assert set(ring.all()) == {"test-key"}

    assert sum("broken.pem" in record.getMessage() for record in caplog.records) == 1
    assert accepted(issuer.token(alice))


def test_a_half_written_key_is_accepted_when_it_is_complete(
    settings_keys: Path, issuer: TokenIssuer, alice: KnownUser
) -> None:
    path = settings_keys / "test-key.pem"
    whole = path.read_bytes()
    path.write_bytes(whole[:20])
    assert not accepted(issuer.token(alice))

    # Writing into the file does not change the folder.
    path.write_bytes(whole)

    wait_until(lambda: accepted(issuer.token(alice)))


def test_a_retired_key_verifies_until_its_expiry_and_not_after(
    settings_keys: Path, issuer: TokenIssuer, alice: KnownUser
) -> None:
    expires = settings_keys / "test-key.expires"
    expires.write_text((datetime.now(UTC) + timedelta(minutes=10)).isoformat())
    assert accepted(issuer.token(alice))

    expires.write_text((datetime.now(UTC) - timedelta(seconds=1)).isoformat())
    expires.rename(expires.with_suffix(".moved"))
    expires.with_suffix(".moved").rename(expires)

    wait_until(lambda: not accepted(issuer.token(alice)))


def test_known_keys_stay_valid_while_their_folder_is_missing(
    settings_keys: Path, issuer: TokenIssuer, alice: KnownUser
) -> None:
    ring = PublicKeyRing(settings_keys)
    assert ring.get("test-key")
    ring._looked_at = 0

    ring._folder = settings_keys / "gone"

    assert ring.get("test-key")
