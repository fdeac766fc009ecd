"""A service does not start with an insecure setting; it names the setting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ...support.installation import ROOT

SERVICES = ("auth_service", "device_service", "monitoring_service")
SOUND_SECRET = "gX3vN8qLw2RkT6yPzB4mJd9HsC7fUe1AaQoViE5t"

#: Setting, value, and a word of the reason.
REJECTED = [
    ("DJANGO_SECRET_KEY", None, ""),
    ("DJANGO_SECRET_KEY", "short", "characters"),
    ("DJANGO_SECRET_KEY", "django-insecure-" + SOUND_SECRET, "placeholder"),
    ("DJANGO_SECRET_KEY", "a" * 50, "different"),
    ("DJANGO_DEBUG", "True", "is on"),
    ("DJANGO_ALLOWED_HOSTS", "*", "wildcard"),
    ("DJANGO_ALLOWED_HOSTS", "", "empty"),
    ("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/", "default user"),
    ("RABBITMQ_URL", "amqp://127.0.0.1:5672/", "default user"),
    ("DATABASE_URL", "sqlite:///db.sqlite3", "postgres"),
    ("JWT_PUBLIC_KEYS_DIR", "development", "development keys"),
    ("JWT_PUBLIC_KEYS_DIR", "/nowhere", "not a folder"),
    ("EMS_MODE", "prod", "production or development"),
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> dict[str, str]:
    """An environment in which all three services start; none contacts a server before a request."""
    folder: Path = tmp_path_factory.mktemp("keys")
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name in ("public", "private", "development"):
        (folder / name).mkdir()
    (folder / "public" / "k1.pem").write_bytes(public)
    (folder / "private" / "k1.pem").write_bytes(private)
    (folder / "development" / "dev-key.pem").write_bytes(public)
    return {
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "DJANGO_SECRET_KEY": SOUND_SECRET,
        "DJANGO_ALLOWED_HOSTS": "energy.example",
        "PUBLIC_ORIGINS": "https://energy.example",
        "DATABASE_URL": "postgres://u:p@127.0.0.1:1/db",
        "RABBITMQ_URL": "amqp://service:pw@127.0.0.1:1/",
        "REDIS_URL": "redis://:pw@127.0.0.1:1/0",
        "JWT_PUBLIC_KEYS_DIR": str(folder / "public"),
        "JWT_PRIVATE_KEYS_DIR": str(folder / "private"),
        "KEYS": str(folder),
    }


def starts(environment: dict[str, str]) -> list[subprocess.Popen[str]]:
    """Start all three services at once, as their web servers load them."""
    return [
        subprocess.Popen(
            [sys.executable, "-c", "import config.wsgi"],
            cwd=ROOT / service,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for service in SERVICES
    ]


def test_all_services_start_with_sound_settings(sound):
    for start in starts(sound):
        output, _ = start.communicate(timeout=60)
        assert start.returncode == 0, output


@pytest.mark.parametrize(("name", "value", "reason"), REJECTED)
def test_a_setting_that_protects_nothing_is_rejected_by_name(sound, name, value, reason):
    environment = {key: text for key, text in sound.items() if key != name}
    if value == "development":
        environment[name] = f"{sound['KEYS']}/{value}"
    elif value is not None:
        environment[name] = value

    for start in starts(environment):
        output, _ = start.communicate(timeout=60)
        assert start.returncode != 0, output
        assert name in output.splitlines()[-1]
        assert reason in output.splitlines()[-1]
        assert "gX3vN8qLw2" not in output.splitlines()[-1]
