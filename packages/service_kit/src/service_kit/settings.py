"""Small functions from which a service's settings are written out, one explicit line each.

A secret has no default: a service without it does not start, and says which one is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

#: Shortest secret that is believed to have been generated rather than typed.
MIN_SECRET_LENGTH = 32

#: Claims that every access token must carry; fixed for the platform, not for an installation.
TOKEN_ISSUER = "energy-platform/auth_service"  # noqa: S105 - a name
TOKEN_AUDIENCE = "energy-platform"  # noqa: S105 - a name


def environment() -> environ.Env:
    """The process environment; no .env file is read, so nothing is silently missing."""
    return environ.Env()


def secret(env: environ.Env, name: str) -> str:
    """A generated secret. Raises ImproperlyConfigured when it is missing or too short."""
    value: str = env.str(name)
    if len(value) < MIN_SECRET_LENGTH:
        raise ImproperlyConfigured(
            f"{name} has {len(value)} characters, at least {MIN_SECRET_LENGTH} are needed; "
            "generate it, e.g. with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return value


def directory(env: environ.Env, name: str) -> Path:
    """A folder that must exist. Raises ImproperlyConfigured naming the setting."""
    path = Path(env.str(name))
    if not path.is_dir():
        raise ImproperlyConfigured(f"{name} names {path}, which is not a folder")
    return path


def databases(env: environ.Env) -> dict[str, dict[str, Any]]:
    """The service's only database, with limits that keep a stuck query from holding a worker."""
    config = dict(env.db_url("DATABASE_URL"))
    if not str(config.get("ENGINE", "")).endswith("postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must be a postgres:// address")
    config["CONN_MAX_AGE"] = 60
    config["CONN_HEALTH_CHECKS"] = True
    config["OPTIONS"] = {
        "connect_timeout": 5,
        "keepalives_idle": 30,
        "options": "-c statement_timeout=30000 -c lock_timeout=10000 -c timezone=UTC",
    }
    return {"default": config}


def rest_framework(*, authentication: str) -> dict[str, Any]:
    """DRF: closed by default, JSON only, numbers as numbers, problem+json errors."""
    return {
        "DEFAULT_AUTHENTICATION_CLASSES": [authentication],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_PAGINATION_CLASS": "service_kit.pagination.PageNumberPagination",
        "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
        "DEFAULT_FILTER_BACKENDS": [],
        "EXCEPTION_HANDLER": "service_kit.errors.problem_response",
        "COERCE_DECIMAL_TO_STRING": False,
        "UNAUTHENTICATED_USER": None,
    }


def simple_jwt(**overrides: Any) -> dict[str, Any]:
    """simplejwt: asymmetric only, and every claim that could be skipped is required."""
    return {
        "ALGORITHM": "EdDSA",
        "SIGNING_KEY": None,
        "ISSUER": TOKEN_ISSUER,
        "AUDIENCE": TOKEN_AUDIENCE,
        "USER_ID_CLAIM": "sub",
        "LEEWAY": 10,
        **overrides,
    }


def spectacular(*, title: str, path: str) -> dict[str, Any]:
    """OpenAPI of one service; `path` is the prefix of the routes it describes."""
    return {
        "TITLE": title,
        "VERSION": "1",
        "SERVE_INCLUDE_SCHEMA": False,
        "SCHEMA_PATH_PREFIX": path,
        "COMPONENT_SPLIT_REQUEST": True,
    }


def logging(env: environ.Env) -> dict[str, Any]:
    """One line an event on stderr, with the request id where there is one."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "service_kit.request_id.RequestIdFilter"}},
        "formatters": {
            "line": {
                "format": "{asctime} {levelname} {name} [{request_id}] {message}",
                "style": "{",
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "filters": ["request_id"],
                "formatter": "line",
            }
        },
        "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
        # pika narrates every reconnect on many lines; the broker module says it once.
        "loggers": {"pika": {"level": "CRITICAL"}},
    }


#: Apps and middleware that every service has, before its own.
KIT_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "rest_framework",
    "drf_spectacular",
    "service_kit.outbox",
    "service_kit.sync",
]
KIT_MIDDLEWARE = [
    "service_kit.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
