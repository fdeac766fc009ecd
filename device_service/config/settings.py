"""Settings of device_service, read from the environment; secrets have no default."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from service_kit import settings as kit

env = kit.environment()

SERVICE_NAME = "device_service"
SECRET_KEY = kit.secret(env, "DJANGO_SECRET_KEY")
DEBUG = kit.debug(env)
ALLOWED_HOSTS = kit.names(env, "DJANGO_ALLOWED_HOSTS")
PUBLIC_ORIGINS = kit.names(env, "PUBLIC_ORIGINS")
TRUSTED_PROXIES = kit.trusted_proxies(env)
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

INSTALLED_APPS = [*kit.KIT_APPS, *kit.ADMIN_APPS, "service_kit.identity", "devices"]
MIDDLEWARE = [*kit.STATIC_MIDDLEWARE, *kit.KIT_MIDDLEWARE]
DATABASES = kit.databases(env)
#: The role that the service connects as; set only where migrations run as another role.
DATABASE_SERVICE_ROLE = env.str("DATABASE_SERVICE_ROLE", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

METERS_RABBITMQ_URL = kit.broker_url(env)
RABBITMQ_URL = kit.platform_broker_url(METERS_RABBITMQ_URL)
SYNC_HANDLERS = "devices.sync.handlers.HANDLERS"
SYNC_COPIES = "devices.sync.handlers.COPIES"

REDIS_URL = env.str("REDIS_URL")
#: Seconds for which a page of a device list is stored in Redis; 0 switches the cache off.
DEVICE_LIST_CACHE_SECONDS = env.int("DEVICE_LIST_CACHE_SECONDS", default=60)

JWT_PUBLIC_KEYS_DIR = kit.keys(env, "JWT_PUBLIC_KEYS_DIR")
SIMPLE_JWT = kit.simple_jwt()
REST_FRAMEWORK = kit.rest_framework(
    authentication="service_kit.identity.authentication.KnownUserAuthentication"
)
REQUESTS_PER_MINUTE = kit.requests_per_minute(env)
SPECTACULAR_SETTINGS = {
    **kit.spectacular(title="Devices", path="/api/devices"),
    # Two fields are called "action": that of the log keeps the name that it has in the schema.
    "ENUM_NAME_OVERRIDES": {
        "ActionEnum": "devices.models.LogAction",
        "BulkActionEnum": "devices.bulk.serializers.ACTIONS",
    },
}

#: The time zone of a device that is created without one.
DEVICE_TIME_ZONE = ZoneInfo(env.str("EMS_TIME_ZONE", default="UTC")).key

# The gateway overwrites this header in every request, and only the gateway reaches this service.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = kit.ADMIN_SILENCED_CHECKS
TEMPLATES = kit.templates()
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
CSRF_COOKIE_PATH = "/admin/devices/"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = kit.only_tls(PUBLIC_ORIGINS)

STATIC_URL = "/static/devices/"
# Files are served from the installed packages, so that `collectstatic` need not run before a start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING = kit.logging(env, SERVICE_NAME)
