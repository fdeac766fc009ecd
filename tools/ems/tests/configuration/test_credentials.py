"""Secrets are generated, private, and the same at the next start."""

from __future__ import annotations

import base64
import hashlib
import json
import stat

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from ems_tool.configuration import credentials
from ems_tool.configuration.home import Home
from ems_tool.servers import broker_definitions


def test_secrets_can_be_read_by_their_owner_alone(home, os_user):
    credentials.ensure(home, os_user)

    private = [credentials.path_of(home), *home.private_keys.iterdir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    assert stat.S_IMODE(home.private_keys.stat().st_mode) == 0o700


def test_a_second_start_finds_the_same_secrets_and_keys(home, os_user):
    first = credentials.ensure(home, os_user)
    keys = sorted(home.private_keys.iterdir())

    second = credentials.ensure(home, os_user)

    assert second == first
    assert sorted(home.private_keys.iterdir()) == keys


def test_no_secret_is_used_twice_neither_here_nor_in_another_installation(tmp_path, os_user):
    values = []
    for name in ("one", "two"):
        home = Home(tmp_path / name, 31998)
        os_user.folder(home.path)
        secrets = credentials.ensure(home, os_user)
        several = (secrets.django, secrets.postgres, secrets.rabbitmq)
        values += [value for group in several for value in group.values()]
        values += [secrets.redis, secrets.erlang_cookie, secrets.admin["password"]]

    assert len(set(values)) == len(values)
    assert min(map(len, values)) >= 20


def test_secrets_that_a_newer_version_needs_are_added_and_the_others_stay(home, os_user):
    credentials.ensure(home, os_user)
    path = credentials.path_of(home)
    older = json.loads(path.read_text())
    removed = older["rabbitmq"].pop("meters")
    os_user.file(path, json.dumps(older))

    completed = credentials.ensure(home, os_user)

    assert completed.rabbitmq["meters"] not in ("", removed)
    assert completed.redis == older["redis"]


def test_the_public_key_verifies_what_the_private_key_of_its_name_signs(home, os_user):
    credentials.ensure(home, os_user)
    (private,) = home.private_keys.iterdir()
    signer = load_pem_private_key(private.read_bytes(), None)

    verifier = load_pem_public_key((home.public_keys / private.name).read_bytes())

    verifier.verify(signer.sign(b"hours"), b"hours")


@pytest.mark.parametrize("password", ["short", "a much longer one that was generated"])
def test_the_brokers_password_hash_is_salted_sha256(password):
    decoded = base64.b64decode(broker_definitions.password_hash(password))

    salt, digest = decoded[:4], decoded[4:]
    assert digest == hashlib.sha256(salt + password.encode()).digest()
    assert broker_definitions.password_hash(password) == broker_definitions.password_hash(password)


def test_a_user_for_clients_that_declare_gets_a_password_and_the_others_keep_theirs(
    home, os_user, monkeypatch
):
    before = credentials.ensure(home, os_user)
    monkeypatch.setenv("EMS_DECLARING_CLIENTS", "True")

    after = credentials.ensure(home, os_user)

    assert "declaring_meters" not in before.rabbitmq
    assert after.rabbitmq.pop("declaring_meters")
    assert after == before
