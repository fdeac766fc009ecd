"""The client's address is the one that the gateway saw, not one that the client wrote."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from service_kit.http.client_address import client_address


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (None, "192.0.2.1"),
        ("198.51.100.7", "198.51.100.7"),
        # The client itself sent the addresses before the last one.
        ("10.0.0.1, 198.51.100.7", "198.51.100.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("' OR 1=1 --", None),
        (" , ", "192.0.2.1"),
    ],
)
def test_only_the_address_that_the_trusted_proxy_appended_counts(forwarded, address):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", **headers)

    assert client_address(request) == address


def test_without_a_proxy_the_header_is_ignored(settings):
    settings.TRUSTED_PROXIES = 0
    request = RequestFactory().get(
        "/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.7"
    )

    assert client_address(request) == "192.0.2.1"


def test_behind_two_proxies_the_last_address_but_one_counts(settings):
    settings.TRUSTED_PROXIES = 2
    forwarded = "10.0.0.1, 198.51.100.7, 172.16.0.3"
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert client_address(request) == "198.51.100.7"
