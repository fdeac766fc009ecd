"""The live process: websockets, and the health check for its supervisor."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# This call sets Django up, so it must run before the imports of models below.
http_application = get_asgi_application()

from monitoring.live.admission import Admission, without_bodies  # noqa: E402
from monitoring.live.socket import MonitoringSocket  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": without_bodies(http_application),
        "websocket": Admission(MonitoringSocket.as_asgi()),
    }
)
