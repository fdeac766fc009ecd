"""Fixtures: the kit as a tiny service of its own, with real servers."""

from __future__ import annotations

import os

import django
from django.conf import settings

from service_kit import settings as kit


def pytest_configure() -> None:
    env = kit.environment()
    settings.configure(
        SERVICE_NAME="kit_service",
        SECRET_KEY=kit.secret(env, "DJANGO_SECRET_KEY"),
        INSTALLED_APPS=[*kit.KIT_APPS, "service_kit.identity"],
        DATABASES=kit.databases(env),
        METERS_RABBITMQ_URL=kit.broker_url(env),
        RABBITMQ_URL=kit.platform_broker_url(kit.broker_url(env)),
        JWT_PUBLIC_KEYS_DIR=env.str("JWT_PUBLIC_KEYS_DIR"),
        SIMPLE_JWT=kit.simple_jwt(),
        REST_FRAMEWORK=kit.rest_framework(
            authentication="service_kit.identity.authentication.KnownUserAuthentication"
        ),
        TRUSTED_PROXIES=kit.trusted_proxies(env),
        REDIS_URL=os.environ["REDIS_URL"],
        REQUESTS_PER_MINUTE=kit.requests_per_minute(env),
        USE_TZ=True,
    )
    django.setup()
