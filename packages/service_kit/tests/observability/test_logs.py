"""Log lines: one JSON object each, with the ids of their request and message, without secrets."""

from __future__ import annotations

import json
import logging
from logging.config import dictConfig

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from service_kit import settings as kit
from service_kit.http.request_id import RequestIdMiddleware


@pytest.fixture
def configured(monkeypatch):
    """Return a function that configures the kit's logging in a format, for this test alone."""
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def configure(form: str) -> None:
        monkeypatch.setenv("LOG_FORMAT", form)
        dictConfig(kit.logging(environ.Env(), "kit_service"))

    yield configure
    root.handlers, root.level = before


def test_a_json_line_holds_the_ids_of_its_request_and_its_message(configured, capsys, rf):
    configured("json")

    def view(request):
        logging.getLogger("x").warning("text\n%s", "„quoted“", extra={"message_id": "m-1"})
        return {}

    answer: dict[str, str] = {}
    RequestIdMiddleware(lambda request: (view(request), Answer(answer))[1])(rf.get("/"))

    (line,) = capsys.readouterr().err.splitlines()
    fields = json.loads(line)
    assert fields.pop("time").endswith("+00:00")
    assert fields == {
        "level": "WARNING",
        "service": "kit_service",
        "logger": "x",
        "message": "text\n„quoted“",
        "request_id": answer["X-Request-Id"],
        "message_id": "m-1",
    }


class Answer(dict):
    """The part of a response that the middleware uses."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers

    def __setitem__(self, name: str, value: str) -> None:
        self.headers[name] = value


def test_a_line_of_django_about_a_request_holds_the_requests_id(configured, capsys, rf):
    configured("json")
    request, answer = rf.get("/nowhere"), Answer({})

    RequestIdMiddleware(lambda request: answer)(request)
    logging.getLogger("django.request").warning("Not Found", extra={"request": request})

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["request_id"] == answer.headers["X-Request-Id"]


def test_an_error_and_its_traceback_are_on_one_line(configured, capsys):
    configured("json")
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("x").exception("failed")

    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError: why" in json.loads(line)["error"]
    assert "request_id" not in json.loads(line)


def test_lines_for_people_are_plain_text(configured, capsys):
    configured("line")
    logging.getLogger("x").warning("text")

    assert capsys.readouterr().err.endswith("WARNING x [-] text\n")


def test_an_unknown_log_format_is_rejected(configured):
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT"):
        configured("xml")


#: A text that is logged, and the part of it that no line may hold.
SECRETS = [
    ('"WebSocket /ws/monitoring/?token=abc.def" [accepted]', "abc"),
    ("GET /api/users/?page=2&password=hunter2 failed", "hunter2"),
    ("Error handling request GET /x?access=s3cret", "s3cret"),
    ("token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl is bad", "eyJ"),
    ("Invalid HTTP Header: 'Authorization: Bearer opaquetoken'", "opaquetoken"),
    ("{'Authorization': 'Basic dXNlcjpwYXNz'}", "dXNlcjpwYXNz"),
    ("Cookie: ems_refresh=cookievalue; csrftoken=other", "value"),
    ("cannot connect to amqp://meters:brokerpass@127.0.0.1:5672/", "brokerpass"),
    ("redis://:redispass@127.0.0.1:6379/0 is unavailable", "redispass"),
    ("DETAIL:  Failing row contains (7, argon2$hash\nx, t).", "argon2"),
]


@pytest.mark.parametrize("form", ["line", "json"])
@pytest.mark.parametrize(("text", "secret"), SECRETS, ids=range(len(SECRETS)))
def test_no_log_line_or_traceback_holds_a_secret(form, text, secret, configured, capsys):
    configured(form)

    logging.getLogger("x").warning("%s", text)
    try:
        raise ValueError(text)
    except ValueError:
        logging.getLogger("x").exception("it failed")

    written = capsys.readouterr().err
    assert "ValueError" in written
    assert secret not in written


@pytest.mark.parametrize("text", ["a 3/4 full disk?yes", "GET /api/users/ 200", "why? because"])
def test_a_log_line_without_a_secret_is_unchanged(text, configured, capsys):
    configured("line")

    logging.getLogger("x").warning("%s", text)

    assert text in capsys.readouterr().err


def test_the_web_servers_log_no_addresses_of_sockets_and_no_frames(configured, monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    configured("line")

    assert not logging.getLogger("uvicorn.error").isEnabledFor(logging.INFO)
