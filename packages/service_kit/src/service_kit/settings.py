"""Functions for a service's settings module, where each setting is one explicit line.

A secret has no default: a service without it does not start, and says which one is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from energy_contracts.names import PLATFORM_VHOST
from service_kit.observability import tracing

#: Characters of the shortest secret that is accepted as generated, not typed.
MIN_SECRET_LENGTH = 32

#: Different characters that a generated secret has at least: "aaaa…" is long, and guessed at once.
MIN_SECRET_ALPHABET = 12

#: Words in the secrets of tutorials, templates and examples.
PLACEHOLDERS = ("changeme", "change-me", "change_me", "insecure", "default", "example", "password")

#: Beginnings of the file names of signing keys that protect nothing.
DEVELOPMENT_KEYS = ("dev", "test", "example")

#: Claims that every access token must carry; fixed for the platform, not for an installation.
TOKEN_ISSUER = "energy-platform/auth_service"  # noqa: S105 - a name
TOKEN_AUDIENCE = "energy-platform"  # noqa: S105 - a name


def environment() -> environ.Env:
    """Return the process environment; no .env file is read, so nothing is silently missing.

    `NAME_FILE` names a file that holds what `NAME` would: containers are given secrets so, which
    then show neither in their description nor to the programs that they start.
    """
    return environ.FileAwareEnv()


def in_production(env: environ.Env) -> bool:
    """Return whether settings that are safe only in development must be rejected.

    That is so unless EMS_MODE is `development`.

    Raises ImproperlyConfigured for an EMS_MODE other than production and development.
    """
    mode = env.str("EMS_MODE", default="production")
    if mode not in ("production", "development"):
        raise ImproperlyConfigured(f"EMS_MODE is {mode!r}; it is production or development")
    return bool(mode == "production")


def _rejection(name: str, reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} {reason} (rejected unless EMS_MODE=development)")


def secret(env: environ.Env, name: str) -> str:
    """Return a generated secret. Raises ImproperlyConfigured if it is missing or weak."""
    value: str = env.str(name)
    wrong = None
    if len(value) < MIN_SECRET_LENGTH:
        wrong = f"has {len(value)} characters, at least {MIN_SECRET_LENGTH} are needed"
    elif any(word in value.lower() for word in PLACEHOLDERS):
        wrong = "looks like a placeholder"
    elif len(set(value)) < MIN_SECRET_ALPHABET:
        wrong = f"has only {len(set(value))} different characters"
    if wrong is not None:
        raise ImproperlyConfigured(
            f"{name} {wrong}; generate it, e.g. with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return value


def debug(env: environ.Env) -> bool:
    """Return Django's DEBUG, whose error pages show settings and source to everybody."""
    production = in_production(env)
    value: bool = env.bool("DJANGO_DEBUG", default=False)
    if value and production:
        raise _rejection("DJANGO_DEBUG", "is on")
    return value


def names(env: environ.Env, name: str) -> list[str]:
    """Return the hosts or origins of a comma-separated list: at least one, and no wildcard."""
    values: list[str] = [value.strip() for value in env.list(name) if value.strip()]
    if not values:
        raise ImproperlyConfigured(f"{name} is empty")
    if any("*" in value for value in values) and in_production(env):
        raise _rejection(name, "has a wildcard")
    return values


def only_tls(origins: list[str]) -> bool:
    """Return whether browsers use https alone, so that cookies can be limited to https."""
    return all(origin.startswith("https://") for origin in origins)


def broker_url(env: environ.Env) -> str:
    """Return the broker's address with a user and password of this service's own."""
    value: str = env.str("RABBITMQ_URL")
    parts = urlsplit(value)
    if parts.scheme not in ("amqp", "amqps"):
        raise ImproperlyConfigured("RABBITMQ_URL must be an amqp:// or amqps:// address")
    if (parts.username in (None, "guest") or not parts.password) and in_production(env):
        raise _rejection("RABBITMQ_URL", "has the broker's default user, or no user and password")
    return value


def platform_broker_url(meters_url: str) -> str:
    """Return the same broker and user in the virtual host of the services.

    The address in the environment names that of the meters, as it did when there was only one.
    """
    return urlsplit(meters_url)._replace(path=f"/{PLATFORM_VHOST}").geturl()


def folder(env: environ.Env, name: str) -> Path:
    """Return a folder that exists. Raises ImproperlyConfigured naming the setting."""
    path = Path(env.str(name))
    if not path.is_dir():
        raise ImproperlyConfigured(f"{name} names {path}, which is not a folder")
    return path


def keys(env: environ.Env, name: str) -> Path:
    """Return a folder of keys, `<kid>.pem` each, none of which is a development key."""
    path = folder(env, name)
    unsafe = [key.name for key in path.glob("*.pem") if key.name.startswith(DEVELOPMENT_KEYS)]
    if unsafe and in_production(env):
        raise _rejection(name, f"holds development keys: {', '.join(sorted(unsafe))}")
    return path


def databases(env: environ.Env) -> dict[str, dict[str, Any]]:
    """Return the service's only database, with limits so that a stuck query holds no worker."""
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


def requests_per_minute(env: environ.Env) -> int:
    """Return the requests a minute of one user; far above the need of a dashboard or an import."""
    value: int = env.int("EMS_REQUESTS_PER_MINUTE", default=6000)
    if value < 1:
        raise ImproperlyConfigured(f"EMS_REQUESTS_PER_MINUTE is {value}; it is a number from 1 up")
    return value


def trusted_proxies(env: environ.Env) -> int:
    """Return the number of proxies that append an address to X-Forwarded-For."""
    value: int = env.int("TRUSTED_PROXIES", default=1)
    if value < 0:
        raise ImproperlyConfigured(f"TRUSTED_PROXIES is {value}; it is a number from 0 up")
    return value


def rest_framework(*, authentication: str) -> dict[str, Any]:
    """Return DRF's settings: closed by default, JSON, numbers as numbers, problem documents."""
    return {
        "DEFAULT_AUTHENTICATION_CLASSES": [authentication],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_THROTTLE_CLASSES": ["service_kit.api.throttling.RequestsPerMinute"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
        "DEFAULT_PAGINATION_CLASS": "service_kit.api.keyset.KeysetPagination",
        "EXCEPTION_HANDLER": "service_kit.api.errors.problem_response",
        "COERCE_DECIMAL_TO_STRING": False,
        "UNAUTHENTICATED_USER": None,
    }


def simple_jwt(**overrides: Any) -> dict[str, Any]:
    """Return simplejwt's settings: asymmetric keys only, and every claim is required."""
    return {
        "ALGORITHM": "EdDSA",
        "SIGNING_KEY": None,
        "ISSUER": TOKEN_ISSUER,
        "AUDIENCE": TOKEN_AUDIENCE,
        "AUTH_TOKEN_CLASSES": ["service_kit.access.tokens.VerifiedAccessToken"],
        "USER_ID_CLAIM": "sub",
        "LEEWAY": 10,
        **overrides,
    }


def templates() -> list[dict[str, Any]]:
    """Return the settings of Django's templates, for the admin alone."""
    processors = [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]
    return [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": processors},
        }
    ]


def spectacular(*, title: str, path: str) -> dict[str, Any]:
    """Return the settings of a service's OpenAPI schema; `path` is the prefix of its routes."""
    return {
        "TITLE": title,
        "VERSION": "1",
        "SERVE_INCLUDE_SCHEMA": False,
        "SCHEMA_PATH_PREFIX": path,
        "COMPONENT_SPLIT_REQUEST": True,
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "service_kit.api.schema.add_problems",
            "service_kit.api.schema.add_summaries",
        ],
    }


def logging(env: environ.Env, service: str) -> dict[str, Any]:
    """Return the settings of logs: each record on stderr, with the ids of request and trace.

    LOG_FORMAT is `line`, for people, or `json`, for a log collector.
    """
    form = env.str("LOG_FORMAT", default="line")
    if form not in ("line", "json"):
        raise ImproperlyConfigured(f"LOG_FORMAT is {form!r}; it is line or json")
    filters, ids = ["request_id"], "{request_id}"
    if tracing.is_configured():
        filters, ids = ["request_id", "trace_id"], "{request_id} {trace_id}"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "service_kit.http.request_id.RequestIdFilter"},
            "trace_id": {"()": "service_kit.observability.tracing.TraceIdFilter"},
        },
        "formatters": {
            "line": {
                "()": "service_kit.observability.logs.LineFormatter",
                "fmt": f"{{asctime}} {{levelname}} {{name}} [{ids}] {{message}}",
                "style": "{",
            },
            "json": {"()": "service_kit.observability.logs.JsonFormatter", "service": service},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "filters": filters,
                "formatter": form,
            }
        },
        "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
        "loggers": {
            # pika logs every reconnect on many lines; `service_kit.broker` logs it once.
            "pika": {"level": "CRITICAL"},
            # The web servers' lines in the same format.
            "gunicorn.error": {"handlers": [], "propagate": True},
            # At INFO it logs the address of each socket with its query, at DEBUG each frame, tokens
            # included.
            "uvicorn.error": {"handlers": [], "propagate": True, "level": "WARNING"},
        },
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
    "service_kit.http.request_id.RequestIdMiddleware",
    "service_kit.http.slashes.EitherSlashMiddleware",
    "service_kit.observability.metrics.MetricsMiddleware",
    "service_kit.observability.tracing.middleware.TracingMiddleware",
    "service_kit.http.client_address.ClientAddressMiddleware",
    "service_kit.http.public_host.PublicHostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]

#: Apps that a service adds for its admin, first the one whose templates replace Django's.
ADMIN_APPS = [
    "service_kit.adminsite.files.AdminFilesConfig",
    "service_kit.adminsite.apps.PlatformAdminConfig",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
STATIC_MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware"]

#: Django's admin asks for the middleware of users, messages and sessions around every request;
#: the site does the necessary parts around its own views.
ADMIN_SILENCED_CHECKS = ["admin.E408", "admin.E409", "admin.E410"]
