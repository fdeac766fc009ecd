"""Health of a web process; inside the installation only, the gateway does not route it.

Liveness queries nothing: a probe that failed with the database would restart every process
in the middle of an outage.
"""

from __future__ import annotations

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path


def live(request: HttpRequest) -> HttpResponse:
    """Answer that the process runs."""
    return JsonResponse({"live": True})


def ready(request: HttpRequest) -> HttpResponse:
    """Answer whether the database can be queried."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True})


urlpatterns = [path("health/live", live), path("health/ready", ready)]
