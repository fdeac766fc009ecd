"""With a domain everything goes over TLS: the real Traefik, without asking for a certificate."""

from __future__ import annotations

import http.client
import ssl
import subprocess
from collections.abc import Iterator

import pytest

from ems_tool.configuration.home import ROOT
from ems_tool.development.ephemeral import free_port
from ems_tool.servers import gateway
from service_kit.testing.waiting import wait_until

DOMAIN = "energy.example.org"
ADDRESSES = ("AUTH_WEB", "DEVICE_WEB", "MONITORING_WEB", "MONITORING_LIVE", "FRONTEND")


@pytest.fixture(scope="module")
def ports(tmp_path_factory) -> Iterator[tuple[int, int]]:
    """The ports for HTTP and HTTPS of a gateway without services behind it."""
    folder = tmp_path_factory.mktemp("tls")
    plain, tls, ping, nowhere = (free_port() + n for n in range(4))
    text = gateway.configuration(
        f"127.0.0.1:{plain}",
        f"127.0.0.1:{ping}",
        folder / "dynamic.yml",
        EMS_TLS_ADDRESS=f"127.0.0.1:{tls}",
        EMS_ACME_EMAIL="admin@example.org",
        # Nobody there: Traefik shows a certificate of its own meanwhile.
        EMS_ACME_SERVER=f"http://127.0.0.1:{nowhere}/directory",
        EMS_CERTIFICATES=str(folder),
    )
    (folder / "traefik.yml").write_text(text)
    (folder / "dynamic.yml").write_text(gateway.routes())
    urls = {f"EMS_{name}_URL": f"http://127.0.0.1:{nowhere}" for name in ADDRESSES}
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(
            [ROOT / ".venv" / "bin" / "traefik", f"--configFile={folder / 'traefik.yml'}"],
            env=urls | {"EMS_DOMAIN": DOMAIN},
            stdout=log,
            stderr=log,
        )
    yield plain, tls
    process.terminate()
    process.wait(20)


def ask(connection: http.client.HTTPConnection, path: str) -> http.client.HTTPResponse:
    connection.request("GET", path, headers={"Host": DOMAIN})
    return connection.getresponse()


def over_tls(port: int, path: str) -> http.client.HTTPResponse:
    context = ssl._create_unverified_context()
    return ask(http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context), path)


def answers(ports: tuple[int, int]) -> bool:
    try:
        return over_tls(ports[1], "/").status == 502
    except OSError:
        return False


def test_plain_requests_are_redirected_to_tls(ports):
    wait_until(lambda: answers(ports))
    answer = ask(http.client.HTTPConnection("127.0.0.1", ports[0], timeout=10), "/energy?date=1")

    assert answer.status == 301
    assert answer.getheader("Location") == f"https://{DOMAIN}/energy?date=1"


def test_answers_over_tls_make_browsers_use_tls_only(ports):
    wait_until(lambda: answers(ports))
    answer = over_tls(ports[1], "/api/devices/")

    assert answer.getheader("Strict-Transport-Security") == "max-age=31536000"
    assert "script-src 'self'" in answer.getheader("Content-Security-Policy")


def test_encoded_slashes_are_rejected_over_tls_too(ports):
    wait_until(lambda: answers(ports))

    assert over_tls(ports[1], "/api/devices/a%2Fb").status == 400
