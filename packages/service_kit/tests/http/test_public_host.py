"""Links name a public address, never a port that only the gateway uses."""

from __future__ import annotations

import pytest
from django.core.exceptions import DisallowedHost
from django.http import HttpResponse
from django.test import RequestFactory

from service_kit.http.public_host import PublicHostMiddleware


@pytest.fixture(autouse=True)
def public(settings):
    settings.PUBLIC_ORIGINS = ["http://energy.example:8080", "http://127.0.0.1:8080"]
    settings.ALLOWED_HOSTS = ["energy.example", "127.0.0.1"]


def link(**headers: str) -> str:
    """Return the link that a view makes to its own page."""
    view = PublicHostMiddleware(lambda request: HttpResponse(request.build_absolute_uri()))
    return view(RequestFactory().get("/api/users/?page=2", **headers)).content.decode()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("energy.example:8080", "energy.example:8080"),
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("127.0.0.1:18086", "127.0.0.1:8080"),
        ("127.0.0.1", "127.0.0.1:8080"),
        ("ENERGY.example:1", "energy.example:8080"),
        ("", "energy.example:8080"),
    ],
)
def test_a_link_names_the_public_port_of_the_requested_host(host, expected):
    assert link(HTTP_HOST=host) == f"http://{expected}/api/users/?page=2"


def test_a_link_in_an_answer_over_tls_begins_with_https(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.PUBLIC_ORIGINS = ["https://energy.example"]

    headers = {"HTTP_HOST": "energy.example:8443", "HTTP_X_FORWARDED_PROTO": "https"}
    assert link(**headers) == "https://energy.example/api/users/?page=2"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8080", "[::1", "a b", "127.0.0.1:"]
)
def test_a_host_that_is_not_public_is_still_rejected(host):
    with pytest.raises(DisallowedHost):
        link(HTTP_HOST=host)
