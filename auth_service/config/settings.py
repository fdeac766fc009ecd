"""Settings of auth_service; each comes from the environment, secrets have no default."""

from __future__ import annotations

from datetime import timedelta

from service_kit import settings as kit

env = kit.environment()

SERVICE_NAME = "auth_service"
SECRET_KEY = kit.secret(env, "DJANGO_SECRET_KEY")
DEBUG = kit.debug(env)
ALLOWED_HOSTS = kit.names(env, "DJANGO_ALLOWED_HOSTS")
PUBLIC_ORIGINS = kit.names(env, "PUBLIC_ORIGINS")
TRUSTED_PROXIES = kit.trusted_proxies(env)
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

INSTALLED_APPS = [
    *kit.KIT_APPS,
    *kit.ADMIN_APPS,
    "drf_spectacular_sidecar",
    "authentication",
]
# The file server is first, so that static files skip the middleware of requests.
MIDDLEWARE = [*kit.STATIC_MIDDLEWARE, *kit.KIT_MIDDLEWARE]
DATABASES = kit.databases(env)
#: Set for migrations that run as another role: the role that the service itself connects as.
DATABASE_SERVICE_ROLE = env.str("DATABASE_SERVICE_ROLE", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The gateway overwrites this header of each request, and no client reaches the service directly.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

AUTH_USER_MODEL = "authentication.User"
# Users are identified by a token, or by a password that one function checks, and never by Django's
# own sessions.
AUTHENTICATION_BACKENDS: list[str] = []
# W004 misses UNIQUE on the user name; ours is a constraint that ignores case and tombstones.
SILENCED_SYSTEM_CHECKS = ["auth.W004", *kit.ADMIN_SILENCED_CHECKS]
# The first one hashes new passwords; PBKDF2 verifies those of imported accounts.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "email", "first_name", "last_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "authentication.accounts.passwords.NotBlankValidator"},
]

RABBITMQ_URL = kit.platform_broker_url(kit.broker_url(env))
REDIS_URL = env.str("REDIS_URL")

JWT_PUBLIC_KEYS_DIR = kit.keys(env, "JWT_PUBLIC_KEYS_DIR")
JWT_PRIVATE_KEYS_DIR = kit.keys(env, "JWT_PRIVATE_KEYS_DIR")
SIMPLE_JWT = kit.simple_jwt(ACCESS_TOKEN_LIFETIME=timedelta(minutes=10))
REST_FRAMEWORK = kit.rest_framework(
    authentication="authentication.accounts.authentication.UserAuthentication"
)
REQUESTS_PER_MINUTE = kit.requests_per_minute(env)
SPECTACULAR_SETTINGS = kit.spectacular(title="Accounts", path="/api")

#: Whether visitors can register as clients.
REGISTRATION_OPEN = env.bool("REGISTRATION_OPEN", default=True)

#: A session ends REFRESH_IDLE after its last use, at the latest REFRESH_ABSOLUTE after the login.
REFRESH_IDLE = timedelta(days=7)
REFRESH_ABSOLUTE = timedelta(days=30)

TEMPLATES = kit.templates()
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
CSRF_COOKIE_PATH = "/admin/auth/"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = kit.only_tls(PUBLIC_ORIGINS)

STATIC_URL = "/static/auth/"
# Files are served from the installed packages: no collection is needed before the first start.
WHITENOISE_USE_FINDERS = True
# Pages of other origins need none of these files.
WHITENOISE_ALLOW_ALL_ORIGINS = False

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING = kit.logging(env, SERVICE_NAME)
