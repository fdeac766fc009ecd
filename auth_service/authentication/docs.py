"""The page that documents the APIs of all three services, and can call them."""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

_PAGE = Path(__file__).parent / "static" / "authentication" / "docs.html"


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Return Swagger UI for the services' schemas; all of its files come from this origin."""
    return HttpResponse(_PAGE.read_bytes())
