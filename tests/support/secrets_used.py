"""The secrets that a run of the tests used, for the search through all logs at its end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest

from .installation import Installation

#: Shorter ones are words that a log may hold for other reasons.
SHORTEST = 12

#: Parts of the names of JSON fields that hold a secret.
SECRET_FIELDS = ("password", "access", "refresh", "token", "secret")

#: Logs without which a search would prove little.
EXPECTED = {"auth-web.log", "monitoring-live.log", "postgres.log", "rabbitmq.log", "traefik.log"}

USED: set[str] = set()


def remember(*secrets: str) -> None:
    """Add secrets to the search."""
    USED.update(secret for secret in secrets if len(secret) >= SHORTEST)


@contextmanager
def remembering() -> Iterator[None]:
    """Remember the passwords, tokens and cookies of every request that is sent by httpx."""
    send = httpx.Client.send

    def observed(self: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        _, _, credentials = request.headers.get("Authorization", "").partition(" ")
        remember(credentials, *_cookies(request.headers.get("Cookie", "")))
        if request.headers.get("Content-Type") == "application/json":
            remember(*_secrets_in(request.read()))
        answer = send(self, request, **options)
        for line in answer.headers.get_list("Set-Cookie"):
            remember(*_cookies(line))
        if answer.headers.get("Content-Type", "").startswith("application/json"):
            remember(*_secrets_in(answer.read()))
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.Client, "send", observed)
        yield


def _cookies(header: str) -> list[str]:
    return [cookie.value for cookie in SimpleCookie(header).values()]


def _secrets_in(body: bytes) -> list[str]:
    """Return the strings of secret fields in a JSON object; nothing for any other body."""
    try:
        document = json.loads(body)
    except ValueError:
        return []
    if not isinstance(document, dict):
        return []
    return [
        value
        for name, value in document.items()
        if isinstance(value, str) and any(part in name for part in SECRET_FIELDS)
    ]


def _strings_in(document: Any) -> Iterator[str]:
    """Yield every string of a JSON document."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for value in document.values():
            yield from _strings_in(value)
    elif isinstance(document, list):
        for value in document:
            yield from _strings_in(value)


def logs(installation: Installation) -> dict[str, str]:
    """Return the text of every log by its name, rotated ones included."""
    folders = [installation.home / "logs", installation.home / "rabbitmq" / "log"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path.name: path.read_text(errors="replace") for path in files}


def own_secrets(installation: Installation) -> set[str]:
    """Return the passwords and keys that the installation generated for itself."""
    admin = installation.secrets()["admin"]["username"]
    secrets = {text for text in _strings_in(installation.secrets()) if len(text) >= SHORTEST}
    for key in (installation.home / "keys").rglob("*.pem"):
        if "PRIVATE KEY" in key.read_text():
            secrets |= {line for line in key.read_text().splitlines() if "-----" not in line}
    return secrets - {admin}


def leaks(installation: Installation) -> set[str]:
    """Return the places of secrets in logs: the log, the text before, and the first characters.

    The secret itself is left out, because the report of the tests is a log as well.
    """
    own = own_secrets(installation)
    assert len(own) >= 10
    pattern = re.compile("|".join(map(re.escape, USED | own)))
    texts = logs(installation)
    assert texts.keys() >= EXPECTED
    return {
        f"{name}: …{text[max(0, match.start() - 80) : match.start()]}[{match.group()[:4]}…]"
        for name, text in texts.items()
        for match in pattern.finditer(text)
    }
