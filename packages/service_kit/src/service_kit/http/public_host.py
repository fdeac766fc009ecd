"""Middleware that puts the public address into links, whatever port the Host header names."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.http.request import split_domain_port


class PublicHostMiddleware:
    """Replaces a Host header with a public name and another port by the public host and port.

    A client may name any port, and for an empty Host the gateway names the service's own, which
    nobody outside reaches. A name that is not public is left to ALLOWED_HOSTS.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        public = [urlsplit(origin).netloc for origin in settings.PUBLIC_ORIGINS]
        host = request.META.get("HTTP_HOST", "")
        if host not in public:
            name, _ = split_domain_port(host)
            same = [host for host in public if split_domain_port(host)[0] == name]
            if same or not host:
                request.META["HTTP_HOST"] = (same or public)[0]
        return self.get_response(request)
