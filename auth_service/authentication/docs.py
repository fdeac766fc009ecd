"""The page on which people read and try the APIs of all three services."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

_PAGE = Path(__file__).parent / "static" / "authentication" / "docs.html"


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI over the services' schemas; everything it loads comes from this origin."""
    return HttpResponse(_PAGE.read_bytes())
