"""The start of the service, its schema and health, and its answers to bad requests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import call_command

SERVICE_DIR = Path(__file__).parents[1]

REQUIRED = [
    "DJANGO_SECRET_KEY",
    "DJANGO_ALLOWED_HOSTS",
    "DATABASE_URL",
    "RABBITMQ_URL",
    "REDIS_URL",
    "PUBLIC_ORIGINS",
    "JWT_PUBLIC_KEYS_DIR",
    "JWT_PRIVATE_KEYS_DIR",
]


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    code = "import config.wsgi"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=SERVICE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
    )


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_setting_stops_the_start_and_is_named(name):
    environment = {key: value for key, value in os.environ.items() if key != name}

    done = start(environment)

    assert done.returncode != 0
    assert name in done.stderr


def test_a_folder_without_keys_stops_the_start_and_is_named(tmp_path):
    done = start({**os.environ, "JWT_PRIVATE_KEYS_DIR": str(tmp_path)})

    assert done.returncode != 0
    assert "JWT_PRIVATE_KEYS_DIR" in done.stderr


def test_the_service_starts_with_all_settings():
    done = start(dict(os.environ))

    assert done.returncode == 0, done.stderr


def test_models_and_migrations_agree(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_checks_of_django_pass():
    call_command("check", fail_level="WARNING")


def test_the_schema_describes_every_route(nobody, db):
    response = nobody.get("/api/schema/auth/")

    assert response.status_code == 200
    assert set(response.json()["paths"]) == {
        "/api/auth/register/",
        "/api/auth/token/",
        "/api/auth/token/refresh/",
        "/api/auth/login/",
        "/api/auth/refresh/",
        "/api/auth/logout/",
        "/api/auth/sessions/",
        "/api/auth/sessions/{session_id}/",
        "/api/auth/me/",
        "/api/auth/password/",
        "/api/auth/jwks.json",
        "/api/auth/events/",
        "/api/users/",
        "/api/users/{user_id}/",
        "/api/users/{user_id}/sessions/",
    }


def test_the_schema_is_valid_and_generated_without_a_warning(tmp_path):
    target = tmp_path / "schema.yaml"

    call_command("spectacular", validate=True, fail_on_warn=True, file=str(target))

    assert "write_only" not in target.read_text()


def test_the_api_reference_loads_existing_files_of_this_origin_only(nobody, db):
    page = nobody.get("/api/docs/")

    assert page.status_code == 200
    addresses = re.findall(r'(?:href|src)="([^"]+)"', page.content.decode())
    own = [address for address in addresses if address.startswith("/static/auth/")]
    assert len(own) == 5
    # The way back, and the icon of the dashboard.
    assert set(addresses) - set(own) == {"/", "/favicon.svg"}
    for address in own:
        with closing(nobody.get(address)) as file:
            assert file.status_code == 200, address


def test_health_is_answered_without_a_token(nobody, db):
    assert nobody.get("/health/live").json() == {"live": True}
    assert nobody.get("/health/ready").json() == {"database": True}


def test_an_unknown_path_is_a_problem_document(nobody, db):
    response = nobody.get("/api/nothing/")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"


def test_a_body_that_is_no_json_is_a_problem_document(nobody, db):
    response = nobody.post("/api/auth/token/", "{", content_type="application/json")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_another_content_type_is_rejected(nobody, db):
    assert nobody.post("/api/auth/login/", {"username": "a"}, format="multipart").status_code == 415


def test_an_internal_error_shows_only_the_id_of_its_log_entry(nobody, monkeypatch, caplog):
    def fails(*_: object) -> None:
        raise RuntimeError("SELECT secret FROM user_account")

    monkeypatch.setattr("authentication.tokens.views.key_set", fails)
    nobody.raise_request_exception = False

    response = nobody.get("/api/auth/jwks.json")

    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert response.json()["code"] == "internal_error"
    assert response.json()["request_id"] == response["X-Request-Id"]
    for word in ("RuntimeError", "secret", "Traceback", ".py"):
        assert word not in response.content.decode()
    assert "RuntimeError" in caplog.text
