"""Settings of monitoring_service; each comes from the environment, secrets have no default."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from energy_contracts.names import READINGS_QUEUE
from service_kit import settings as kit

env = kit.environment()

SERVICE_NAME = "monitoring_service"
SECRET_KEY = kit.secret(env, "DJANGO_SECRET_KEY")
DEBUG = kit.debug(env)
ALLOWED_HOSTS = kit.names(env, "DJANGO_ALLOWED_HOSTS")
PUBLIC_ORIGINS = kit.names(env, "PUBLIC_ORIGINS")
TRUSTED_PROXIES = kit.trusted_proxies(env)
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

INSTALLED_APPS = [*kit.KIT_APPS, *kit.ADMIN_APPS, "service_kit.identity", "channels", "monitoring"]
MIDDLEWARE = [*kit.STATIC_MIDDLEWARE, *kit.KIT_MIDDLEWARE]
DATABASES = kit.databases(env)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

METERS_RABBITMQ_URL = kit.broker_url(env)
RABBITMQ_URL = kit.platform_broker_url(METERS_RABBITMQ_URL)
SYNC_HANDLERS = "monitoring.sync.handlers.HANDLERS"
SYNC_COPIES = "monitoring.sync.handlers.COPIES"
REDIS_URL = env.str("REDIS_URL")
#: Live updates. The name is not "default": each socket would then have a channel of its own.
CHANNEL_LAYERS = {
    "live": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": REDIS_URL,
                    "socket_timeout": 2,
                    "socket_connect_timeout": 2,
                    # A connection is dead after a restart of Redis: the first command on it fails.
                    "retry": Retry(NoBackoff(), 1),
                }
            ],
            "prefix": "live:",
            "serializer_format": "msgpack",
        },
    }
}
#: The metrics of this service, beside those of every service.
METRICS = "monitoring.metrics.collect"
METRICS_QUEUES = [READINGS_QUEUE]

JWT_PUBLIC_KEYS_DIR = kit.keys(env, "JWT_PUBLIC_KEYS_DIR")
SIMPLE_JWT = kit.simple_jwt()
REST_FRAMEWORK = kit.rest_framework(
    authentication="service_kit.identity.authentication.KnownUserAuthentication"
) | {"DEFAULT_RENDERER_CLASSES": ["monitoring.api.exact_json.ExactJSONRenderer"]}
REQUESTS_PER_MINUTE = kit.requests_per_minute(env)
SPECTACULAR_SETTINGS = {
    **kit.spectacular(title="Monitoring", path="/api/monitoring"),
    # Two fields are called "state": each keeps the name that it has in the schema.
    "ENUM_NAME_OVERRIDES": {
        "DeviceStateStateEnum": "monitoring.energy.serializers.STATES",
        "ReplayProgressStateEnum": "monitoring.dead_letters.serializers.STATES",
    },
}

#: Months for which raw readings are kept; hours are kept without limit.
READINGS_RETENTION_MONTHS = env.int("READINGS_RETENTION_MONTHS", default=25)

#: The zone of devices that have none of their own.
DEVICE_TIME_ZONE = ZoneInfo(env.str("EMS_TIME_ZONE", default="UTC")).key

# The gateway overwrites this header whatever a client sends, and nothing else reaches this service.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = kit.ADMIN_SILENCED_CHECKS
TEMPLATES = kit.templates()
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
CSRF_COOKIE_PATH = "/admin/monitoring/"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = kit.only_tls(PUBLIC_ORIGINS)

STATIC_URL = "/static/monitoring/"
# Straight from the installed packages: nothing to collect before the first start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING = kit.logging(env, SERVICE_NAME)
