"""The rotation of the signing key logs nobody out."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from io import StringIO

import jwt
import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from authentication.models import SecurityEvent
from authentication.tokens import rotation, signing
from authentication.tokens.rotation import signing_key_rotate
from service_kit.access.tokens import PublicKeyRing


@pytest.fixture
def folders(tmp_path, settings, monkeypatch):
    """Key folders of this test's own, with a first key; (private, public)."""
    private, public = tmp_path / "private", tmp_path / "public"
    private.mkdir(), public.mkdir()
    settings.JWT_PRIVATE_KEYS_DIR, settings.JWT_PUBLIC_KEYS_DIR = private, public
    monkeypatch.setattr(rotation, "LEARNING_SECONDS", 0)
    return private, public


@pytest.fixture
def service(folders, db, monkeypatch):
    """The service as it runs with those folders, looking at them at every request."""
    signing_key_rotate()
    ring = PublicKeyRing(folders[1])
    monkeypatch.setattr("service_kit.access.tokens.KEY_REFRESH_SECONDS", 0)
    monkeypatch.setattr("authentication.tokens.signing.KEY_REFRESH_SECONDS", 0)
    monkeypatch.setattr(signing, "public_keys", lambda: ring)
    backend = signing.SigningBackend(ring, folders[0])
    monkeypatch.setattr(signing, "signing_backend", lambda: backend)
    monkeypatch.setattr("service_kit.access.tokens.verifying_backend", lambda: backend)


def works(access: str) -> bool:
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client.get("/api/auth/me/").status_code == 200


def kid_of(access: str) -> str:
    return jwt.get_unverified_header(access)["kid"]


def test_old_and_new_tokens_are_valid_after_a_rotation(service, alice, log_in, nobody):
    before = log_in(alice)

    rotation = signing_key_rotate()

    after = nobody.post("/api/auth/token/refresh/", {"refresh": before["refresh"]}, format="json")
    new = after.json()["access"]
    assert (kid_of(before["access"]), kid_of(new)) == (rotation.retired[0], rotation.kid)
    assert works(before["access"]) and works(new)
    published = nobody.get("/api/auth/jwks.json").json()["keys"]
    assert {key["kid"] for key in published} == {rotation.kid, *rotation.retired}


def test_the_old_key_verifies_nothing_after_its_tokens_have_expired(
    service, folders, alice, log_in, nobody
):
    old = log_in(alice)["access"]
    rotation = signing_key_rotate()
    life = rotation.verify_until - datetime.now(UTC)
    assert timedelta(minutes=10) < life < timedelta(minutes=11)

    past = datetime.now(UTC) - timedelta(seconds=1)
    (folders[1] / f"{kid_of(old)}.expires").unlink()
    (folders[1] / f"{kid_of(old)}.expires").write_text(past.isoformat())

    assert not works(old)
    published = nobody.get("/api/auth/jwks.json").json()["keys"]
    assert [key["kid"] for key in published] == [rotation.kid]


def test_the_next_rotation_deletes_expired_public_keys(service, folders):
    first = signing_key_rotate()
    past = datetime.now(UTC) - timedelta(seconds=1)
    (folders[1] / f"{first.retired[0]}.expires").write_text(past.isoformat())

    second = signing_key_rotate()

    names = {path.name for path in folders[1].iterdir()}
    assert names == {f"{second.kid}.pem", f"{first.kid}.pem", f"{first.kid}.expires"}


def test_a_rotation_leaves_only_the_new_private_key_readable_by_its_owner(service, folders):
    rotation = signing_key_rotate()

    (path,) = folders[0].iterdir()
    assert path.name == f"{rotation.kid}.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_rotation_command_prints_the_keys_and_is_recorded(service):
    out = StringIO()
    call_command("rotate_signing_key", stdout=out)

    entry = SecurityEvent.objects.order_by("id").last()

    assert entry.kind == "key_rotated"
    assert f"{entry.details['kid']} signs now" in out.getvalue()
    assert f"{entry.details['retired'][0]} verifies until" in out.getvalue()


def test_the_rotation_command_names_read_only_folders(folders, db, settings, tmp_path):
    settings.JWT_PUBLIC_KEYS_DIR = tmp_path / "gone"

    with pytest.raises(CommandError, match="writable"):
        call_command("rotate_signing_key")
