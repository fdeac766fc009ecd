"""The live process: websockets only, behind an exact Origin check."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Sets Django up; it must run before anything that imports models.
http_application = get_asgi_application()

from monitoring.live import MonitoringSocket  # noqa: E402

application = ProtocolTypeRouter(
    {
        # Only for the health check of the supervisor.
        "http": http_application,
        "websocket": OriginValidator(
            # Django's path() is typed for views; Channels takes it for sockets as well.
            URLRouter([path("ws/monitoring/", MonitoringSocket.as_asgi())]),  # type: ignore[arg-type,list-item]
            settings.PUBLIC_ORIGINS,
        ),
    }
)
