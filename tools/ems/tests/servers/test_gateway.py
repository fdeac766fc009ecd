"""Routes and headers of the real Traefik and nginx, with stand-ins for the services behind."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import signal
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError
from ems_tool.development.ephemeral import free_port
from ems_tool.platform import lifecycle
from ems_tool.runtime import control_socket
from ems_tool.servers import gateway
from service_kit.testing.waiting import wait_until

SERVICES = ("auth-web", "device-web", "monitoring-web", "monitoring-live")


class _Echo(http.server.BaseHTTPRequestHandler):
    """A service that answers with its own name and the request's headers."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        rejected = self.path == "/problems/too-many-sign-ins"
        self.send_response(429 if rejected else 200)
        if rejected:
            self.send_header("Retry-After", "60")
            self.send_header("Content-Type", "application/problem+json")
        self.send_header("X-Service", self.server.name)
        self.send_header("X-Path", self.path)
        self.send_header("X-Claimed", self.headers.get("X-User-Id", "nobody"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def platform(tmp_path_factory) -> Iterator[object]:
    home, os_user = Home(tmp_path_factory.mktemp("gateway") / "home", free_port()), None
    os_user = OsUser.ensure()
    dist = tmp_path_factory.mktemp("dist")
    (dist / "assets").mkdir()
    (dist / "index.html").write_text("<title>dashboard</title>")
    (dist / "admin.html").write_text("three administrations")
    (dist / "assets" / "app-1a2b.js").write_text("1")
    (dist / "manifest.webmanifest").write_text("{}")
    (dist / "sw.js").write_text("1")
    servers = []
    for name in SERVICES:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", home.ports[name]), _Echo)
        server.name = name
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
    lifecycle.settle(home, os_user)
    lifecycle.ensure_supervisor(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateway, "DIST", dist)
        gateway.prepare(home, os_user)
        for spec in gateway.specs(home, os_user):
            lifecycle.start(home, spec)
    lifecycle.wait(home, "frontend", lambda: gateway.answers(home.ports["frontend"], "/"))
    lifecycle.wait(home, "traefik", lambda: gateway.answers(home.gateway_port, "/"))
    yield home
    lifecycle.stop(home)
    for server in servers:
        server.shutdown()


@pytest.fixture
def ask(platform):
    def request(path: str, method: str = "GET", body: bytes | None = None, **headers: str):
        connection = http.client.HTTPConnection("127.0.0.1", platform.gateway_port, timeout=20)
        connection.putrequest(method, path, skip_accept_encoding=True)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        # A body that is too large is rejected before all of it was sent.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.send(body or b"")
        answer = connection.getresponse()
        answer.content = answer.read()
        connection.close()
        return answer

    return request


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api/auth/login/", "auth-web"),
        ("/api/auth/me/", "auth-web"),
        ("/api/users/", "auth-web"),
        ("/api/docs/", "auth-web"),
        ("/api/schema/auth/", "auth-web"),
        ("/admin/auth/", "auth-web"),
        ("/static/auth/x.css", "auth-web"),
        ("/api/devices/", "device-web"),
        ("/api/schema/devices/", "device-web"),
        ("/admin/devices/", "device-web"),
        ("/static/devices/x.css", "device-web"),
        ("/api/monitoring/hourly/daily/", "monitoring-web"),
        ("/api/schema/monitoring/", "monitoring-web"),
        ("/admin/monitoring/", "monitoring-web"),
        ("/static/monitoring/x.css", "monitoring-web"),
        ("/ws/monitoring/", "monitoring-live"),
        ("/api/users", "auth-web"),
        ("/api/devices", "device-web"),
        ("/api/monitoring/alerts", "monitoring-web"),
        ("/ws/monitoring", "monitoring-live"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_path_reaches_its_process(ask, path, service, method):
    answer = ask(path, method, b"{}" if method == "POST" else None)

    assert answer.getheader("X-Service") == service
    assert answer.getheader("X-Path") == path


@pytest.mark.parametrize("path", ["/", "/energy/4c18?date=2026-11-22", "/login"])
def test_everything_else_is_a_page_of_the_dashboard(ask, path):
    answer = ask(path)

    assert answer.status == 200
    assert b"dashboard" in answer.content
    assert answer.getheader("Cache-Control") == "no-cache"


def test_the_bare_address_of_the_administration_leads_to_those_of_the_services(ask):
    page, without_slash = ask("/admin/"), ask("/admin")

    assert page.status == 200
    assert page.content == b"three administrations"
    assert page.getheader("Cache-Control") == "no-cache"
    assert (without_slash.status, without_slash.getheader("Location")) == (308, "/admin/")


def test_files_with_a_name_of_their_content_are_kept_by_browsers(ask):
    answer = ask("/assets/app-1a2b.js")

    assert answer.status == 200
    assert "immutable" in answer.getheader("Cache-Control")
    assert ask("/assets/gone.js").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/health/live",
        "/health/ready",
        "/metrics",
        "/api/",
        "/api/nothing/",
        "/admin/nothing/",
        "/ping",
        "/api/authx/",
        "/static/none/x.css",
        "/dashboard/",
        "/api/rawdata",
    ],
)
def test_nothing_internal_is_reachable_and_an_unknown_address_of_the_api_is_an_error(ask, path):
    answer = ask(path)

    assert answer.getheader("X-Service") is None
    if path not in ("/ping", "/dashboard/"):
        assert answer.status == 404
        assert answer.getheader("Content-Type") == "application/problem+json"
    else:
        assert b"dashboard" in answer.content


@pytest.mark.parametrize("path", ["/api/..%2finternal", "/api/devices/a%2fb", "/api/devices/a%2Fb"])
def test_encoded_slashes_are_rejected(ask, path):
    assert ask(path).status == 400


@pytest.mark.parametrize("path", ["/", "/api/devices/", "/api/nothing/"])
def test_every_answer_carries_the_security_headers(ask, path):
    answer = ask(path)

    policy = answer.getheader("Content-Security-Policy")
    assert "script-src 'self';" in policy
    for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    assert answer.getheader("Referrer-Policy") == "same-origin"
    assert answer.getheader("X-Frame-Options") == "DENY"
    assert not answer.getheader("Server")


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/manifest.webmanifest", "application/manifest+json"), ("/sw.js", "application/javascript")],
)
def test_the_files_of_an_installed_dashboard_have_their_type_and_are_asked_for_each_time(
    ask, path, kind
):
    answer = ask(path)

    assert answer.status == 200
    assert answer.getheader("Content-Type").partition(";")[0] == kind
    assert answer.getheader("Cache-Control") == "no-cache"


def test_nobody_can_claim_an_identity_by_a_header(ask):
    assert ask("/api/devices/", X_User_Id="admin").getheader("X-Claimed") == "nobody"


@pytest.mark.parametrize(
    "interruption",
    [{"do": "restart"}, {"do": "signal", "signal": signal.SIGKILL}],
    ids=["restart", "kill"],
)
def test_no_route_is_ever_unknown_while_the_gateway_starts(interruption, platform):
    """The gateway answers, answers 503, or closes: programs understand 404 as "deleted"."""
    statuses: Counter[int | str] = Counter()
    stop = threading.Event()

    def storm() -> None:
        while not stop.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", platform.gateway_port, timeout=10)
            with contextlib.closing(connection):
                try:
                    connection.request("POST", "/api/devices/", b"{}")
                    answer = connection.getresponse()
                except (OSError, http.client.HTTPException):
                    statuses["no connection"] += 1
                    stop.wait(0.002)
                else:
                    statuses[answer.status] += 1

    threads = [threading.Thread(target=storm) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            statuses.clear()
            before = gateway_pid(platform)
            control_socket.ask(platform.run, {"name": "traefik", **interruption})
            wait_until(lambda before=before: gateway_pid(platform) not in (None, before))
            # Answers of the former process do not show that the next one serves.
            goal = statuses[200] + 50
            wait_until(
                lambda goal=goal: (
                    statuses[200] >= goal and statuses["no connection"] + statuses[503] > 0
                )
            )
            assert statuses.keys() <= {200, 503, "no connection"}, statuses
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def gateway_pid(platform: Home) -> int | None:
    return control_socket.processes(platform.run)["traefik"]["pid"]


def test_a_body_over_10_mib_is_rejected(ask):
    fits, too_much = b"x" * 1_000_000, b"x" * (10 * 1024 * 1024 + 1)

    assert ask("/api/devices/", "POST", fits).status == 200
    assert ask("/api/devices/", "POST", too_much).status == 413
    assert ask("/api/devices", "POST", too_much).status == 413


def test_the_eleventh_password_within_a_minute_is_rejected(ask):
    # In any spelling of the path, and from any address that the client claims.
    paths = [
        *("/api/auth/login/", "/api/auth/token", "//api/auth/login/", "/api/auth/%6cogin/"),
        *("/api/auth/login", "/api/auth/toke%6e", "/api/auth/password", "/api/auth/token//"),
    ]
    answers = [ask(paths[n % 8], "POST", b"{}", X_Forwarded_For=f"10.0.0.{n}") for n in range(14)]

    # Other tests of this module may have used some of the ten.
    passed = [answer.status for answer in answers].index(429)
    assert passed <= 10
    assert [answer.status for answer in answers] == [200] * passed + [429] * (14 - passed)
    assert 1 <= int(answers[-1].getheader("Retry-After")) <= 60
    assert answers[-1].getheader("Content-Type") == "application/problem+json"
    assert answers[-1].getheader("X-Content-Type-Options") == "nosniff"
    for path in (*paths, "/api/auth/register/", "/api/auth/register"):
        assert ask(path, "POST", b"{}").status == 429, path
    assert ask("/api/auth/token/refresh/", "POST", b"{}").status == 200
    assert ask("/api/auth/refresh/", "POST", b"{}").status == 200
    assert ask("/api/devices/").status == 200


def test_the_limit_of_sign_ins_is_the_environments(monkeypatch):
    assert gateway.sign_ins_per_minute() == 10
    monkeypatch.setenv("EMS_SIGN_INS_PER_MINUTE", "500")
    assert gateway.sign_ins_per_minute() == 500
    monkeypatch.setenv("EMS_SIGN_INS_PER_MINUTE", "unlimited")
    with pytest.raises(EmsError, match="EMS_SIGN_INS_PER_MINUTE"):
        gateway.sign_ins_per_minute()


def test_the_access_log_has_paths_without_queries_and_no_tokens(ask, platform):
    ask("/api/monitoring/data/?token=veryprivate", Authorization="Bearer alsoprivate")

    def text() -> str:
        return (platform.logs / "traefik.log").read_text()

    wait_until(lambda: '"/api/monitoring/data/"' in text())
    assert "private" not in text()


def test_a_new_build_replaces_the_old_without_a_moment_between(tmp_path):
    built, site = tmp_path / "dist", tmp_path / "site"
    built.mkdir()
    (built / "index.html").write_text("old")
    gateway.publish(built, site)
    open_page = (site / "index.html").open()

    (built / "index.html").write_text("new")
    assert (site / "index.html").read_text() == "old"
    gateway.publish(built, site)

    assert (site / "index.html").read_text() == "new"
    assert open_page.read() == "old"
    assert len(list(tmp_path.glob("site-*"))) == 1
    open_page.close()
