"""The websocket `/ws/monitoring/`: hours and alerts of the devices one may see, as they change.

The token comes in the first frame, never in the URL, where logs would keep it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error
from rest_framework.exceptions import AuthenticationFailed

from monitoring.api.instants import iso
from monitoring.devices.visibility import AccessSnapshot, sees_every_device, visible_device_ids
from monitoring.live.admission import AUTHENTICATED
from monitoring.live.hub import Audience
from service_kit.authentication import check_still_valid
from service_kit.identity.authentication import KnownUserAuthentication
from service_kit.identity.models import KnownUser
from service_kit.tokens import VerifiedAccessToken

logger = logging.getLogger(__name__)

#: Seconds a socket may stay without saying who it is.
AUTHENTICATE_SECONDS = 5

#: Seconds a frame may take to leave; who reads slower than that is let go and reads anew later.
SEND_SECONDS = 5

#: Frames that may wait for a socket to read.
MAX_WAITING = 5_000

#: Devices one socket may listen to.
MAX_SUBSCRIBED = 1_000

CLOSE_UNAUTHENTICATED = 4401
CLOSE_ACCESS_LOST = 4403
CLOSE_NOT_TEXT = 1009
CLOSE_FAILED = 1011

#: The user of a socket that has not said who it is.
NOBODY = UUID(int=0)


class MonitoringSocket(AsyncWebsocketConsumer):
    """One browser tab."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.user: KnownUser | None = None
        self.token: VerifiedAccessToken | None = None
        self.user_id = NOBODY
        self.sees_every_device = False
        self.device_ids: set[UUID] = set()
        self.alerts = False
        self._waiting: dict[object, str] = {}
        self._stirred = asyncio.Event()
        self._closing = False
        self._given_up = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._main = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self._given_up:
                raise
        except (Error, OSError) as error:
            # The database is unavailable; whoever connects again later is served.
            logger.warning("a socket was closed: %s", str(error).strip())
            await self.end(CLOSE_FAILED)
        except Exception:
            logger.exception("a socket failed")
            await self.end(CLOSE_FAILED)
        finally:
            self._leave()

    async def connect(self) -> None:
        await self.accept()
        self._end_in(AUTHENTICATE_SECONDS)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data is None:
            await self.end(CLOSE_NOT_TEXT)
            return
        try:
            frame = json.loads(text_data)
            kind = frame["type"]
        except (ValueError, TypeError, KeyError, RecursionError):
            kind = None
        if not isinstance(kind, str):
            await self._error("bad_frame", 'Send a JSON object with a "type".')
            return
        if kind == "ping":
            await self._send({"type": "pong"})
        elif kind == "authenticate":
            await self._authenticate(frame)
        elif self.user is None:
            await self._error("not_authenticated", "Send an authenticate frame first.")
        elif kind == "subscribe":
            await self._subscribe(self.user, frame)
        else:
            await self._error("unknown_type", f"There is no frame type {kind[:50]!r}.")

    # What the audience asks of a listener.

    def offer(self, detail: object, text: str) -> None:
        """Send a frame soon; it replaces one of the same detail that still waits."""
        self._waiting[detail] = text
        if len(self._waiting) > MAX_WAITING:
            self._give_up()
        self._stirred.set()

    def end_soon(self, code: int) -> None:
        """Close, without waiting for it."""
        self._start(self.end(code))

    def review(self, found: AccessSnapshot) -> None:
        """Drop what the user may no longer see; close when that is everything."""
        if self.token is None or self._closing:
            return
        user = found.users.get(self.user_id)
        try:
            check_still_valid(user, self.token["ver"])
        except AuthenticationFailed:
            user = None
        if user is None:
            self.end_soon(CLOSE_ACCESS_LOST)
            return
        self.user, self.sees_every_device = user, sees_every_device(user)
        visible = found.visible(user, self.device_ids)
        if visible != self.device_ids:
            Audience.here().assign(self, visible)
            self._start(self._say_subscribed())

    # What the frames do.

    async def _authenticate(self, frame: dict[str, Any]) -> None:
        if self.user is None and self._timer is not None:
            # Said in time: how long we take to look it up, when thousands come back at once, is
            # not the client's fault.
            self._timer.cancel()
        raw_token = frame.get("token")
        try:
            user, token = await _authenticated(raw_token if isinstance(raw_token, str) else "")
        except AuthenticationFailed as error:
            await self._error("not_authenticated", str(error.detail))
            await self.end(CLOSE_UNAUTHENTICATED)
            return
        if self.user is not None and self.user.id != user.id:
            await self._error("not_authenticated", "Open a new socket for another user.")
            await self.end(CLOSE_UNAUTHENTICATED)
            return
        first = self.user is None
        self.user, self.token = user, token
        self.user_id, self.sees_every_device = user.id, sees_every_device(user)
        self._end_in(token["exp"] - time.time())
        if first:
            cast("dict[str, Any]", self.scope)[AUTHENTICATED]()
            Audience.here().join(self)
            self._start(self._write())
        expires_at = iso(datetime.fromtimestamp(token["exp"], UTC))
        await self._send({"type": "authenticated", "expires_at": expires_at})

    async def _subscribe(self, user: KnownUser, frame: dict[str, Any]) -> None:
        alerts = frame.get("alerts", False)
        # Whoever asks for alerts need not name devices.
        named: Any = frame.get("device_ids", [] if alerts is True else None)
        try:
            wanted = {UUID(device_id) for device_id in named}
        except (AttributeError, TypeError, ValueError):
            await self._error("bad_frame", '"device_ids" must be a list of device ids.')
            return
        if not isinstance(alerts, bool):
            await self._error("bad_frame", '"alerts" must be true or false.')
            return
        if len(wanted) > MAX_SUBSCRIBED:
            await self._error("too_many", f"At most {MAX_SUBSCRIBED} devices a socket.")
            return
        self.alerts = alerts
        await Audience.here().listen(self, await _visible(user, wanted))
        await self._say_subscribed()

    # Helpers.

    async def end(self, code: int) -> None:
        """Close."""
        if not self._closing:
            self._closing = True
            await self._in_time(self.close(code))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._worked)

    def _worked(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("a socket failed", exc_info=task.exception())
            # It would stay open and hear nothing.
            self._give_up()

    def _end_in(self, seconds: float) -> None:
        """Close then, unless a token says otherwise before."""
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(0.0, seconds), self.end_soon, CLOSE_UNAUTHENTICATED)

    def _leave(self) -> None:
        self._closing = True
        if self._timer is not None:
            self._timer.cancel()
        if self.user is not None:
            Audience.here().leave(self)
        for task in self._tasks:
            task.cancel()

    def _give_up(self) -> None:
        """The other end does not read: no frame, a close neither, would get through to it."""
        if not self._given_up and self._main is not None:
            self._closing = self._given_up = True
            self._main.cancel()

    async def _write(self) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            waiting, self._waiting = self._waiting, {}
            for text in waiting.values():
                await self._send_text(text)

    async def _say_subscribed(self) -> None:
        ids = sorted(str(device_id) for device_id in self.device_ids)
        alerts = {"alerts": True} if self.alerts else {}
        await self._send({"type": "subscribed", "device_ids": ids, **alerts})

    async def _error(self, code: str, detail: str) -> None:
        await self._send({"type": "error", "code": code, "detail": detail})

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._send_text(json.dumps(frame))

    async def _send_text(self, text: str) -> None:
        if not self._closing:
            await self._in_time(self.send(text_data=text))

    async def _in_time(self, sending: Coroutine[Any, Any, None]) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await sending
        except TimeoutError:
            self._give_up()
        except OSError:
            # The other end has gone; the server tells us in its own time.
            self._closing = True


@database_sync_to_async
def _authenticated(raw_token: str) -> tuple[KnownUser, VerifiedAccessToken]:
    return KnownUserAuthentication().authenticate_token(raw_token)  # type: ignore[return-value]


@database_sync_to_async
def _visible(user: KnownUser, device_ids: set[UUID]) -> set[UUID]:
    return visible_device_ids(user, device_ids)
