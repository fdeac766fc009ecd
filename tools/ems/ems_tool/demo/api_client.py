"""A client of the platform's public HTTP API, as any outside program would use it."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from ems_tool.console import EmsError

#: Answers that may change soon: a new account is not known to every service yet, or the limit of
#: requests is reached.
_PASSING = (400, 404, 409, 429, 503)


class Api:
    """A client of one installation, signed in after `login`."""

    def __init__(self, url: str) -> None:
        """Prepare requests to the gateway at `url`; no request is sent yet."""
        self._url = url
        self._token = ""
        # Without the proxies of the environment: the platform is on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def login(self, username: str, password: str) -> None:
        """Sign in. Raises `EmsError` if the sign-in is rejected."""
        body = {"username": username, "password": password}
        self._token = self.post("/api/auth/token/", body)["access"]

    def get(self, path: str) -> Any:
        """Return the answer of `path`. Raises `EmsError` if the request is rejected."""
        return self._request("GET", path, None)

    def every(self, path: str) -> list[dict[str, Any]]:
        """Return the entries of all pages of a list."""
        entries: list[dict[str, Any]] = []
        next_path: str | None = f"{path}?page_size=200"
        while next_path:
            page = self.get(next_path)
            if isinstance(page, list):
                return page
            entries += page["results"]
            parts = urllib.parse.urlsplit(page["next"] or "")
            next_path = f"{parts.path}?{parts.query}" if page["next"] else None
        return entries

    def post(self, path: str, body: dict[str, Any], patience: float = 0) -> Any:
        """Send `body` and return the answer; retry a rejected request for `patience` seconds."""
        deadline = time.monotonic() + patience
        while True:
            try:
                return self._request("POST", path, body)
            except RejectedError as error:
                if error.status not in _PASSING or time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """Replace the object at `path` by `body` and return the answer."""
        return self._request("PUT", path, body)

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        request = urllib.request.Request(self._url + path, method=method)  # noqa: S310 - http only
        request.add_header("Accept", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with self._opener.open(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            text = error.read(2000).decode(errors="replace")
            raise RejectedError(error.code, f"{method} {path}: {error.code} {text}") from error
        except OSError as error:
            raise EmsError(f"{method} {path}: {error}") from error


class RejectedError(EmsError):
    """The platform rejected a request."""

    def __init__(self, status: int, text: str) -> None:
        """Keep the HTTP status beside the text."""
        super().__init__(text)
        self.status = status
