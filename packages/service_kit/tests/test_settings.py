"""Settings in the environment, and in files that the environment names."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from service_kit import settings


def test_a_secret_may_be_in_a_file(tmp_path, monkeypatch):
    monkeypatch.delenv("DJANGO_SECRET_KEY", raising=False)
    (tmp_path / "key").write_text("Zq3-kP9_xW2vL8mN5tR7yB4cD6fG1hJ0")
    monkeypatch.setenv("DJANGO_SECRET_KEY_FILE", str(tmp_path / "key"))

    secret = settings.secret(settings.environment(), "DJANGO_SECRET_KEY")

    assert secret == "Zq3-kP9_xW2vL8mN5tR7yB4cD6fG1hJ0"


def test_an_address_and_a_list_may_be_in_files(tmp_path, monkeypatch):
    (tmp_path / "url").write_text("postgres://auth_service:p%2Fw@postgres:5432/auth_db")
    (tmp_path / "hosts").write_text("localhost,127.0.0.1")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("DJANGO_ALLOWED_HOSTS", raising=False)
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("DJANGO_ALLOWED_HOSTS_FILE", str(tmp_path / "hosts"))
    env = settings.environment()

    database = settings.databases(env)["default"]
    assert (database["HOST"], database["PASSWORD"]) == ("postgres", "p/w")
    assert settings.names(env, "DJANGO_ALLOWED_HOSTS") == ["localhost", "127.0.0.1"]


def test_a_number_of_proxies_below_0_is_rejected_by_name(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXIES", "-1")

    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES is -1"):
        settings.trusted_proxies(settings.environment())
