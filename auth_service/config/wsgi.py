"""The web application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from authentication.tokens.signing import signing_backend  # noqa: E402 - needs the apps loaded

# A service without a signing key must fail at its start, not at the first login.
signing_backend().signing_pair()
