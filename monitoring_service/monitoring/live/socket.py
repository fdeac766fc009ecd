"""The websocket `/ws/monitoring/`: hours and alerts of devices that its user may see.

The token comes in the first frame, never in the URL, which logs would keep.
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

import msgspec
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error
from rest_framework.exceptions import AuthenticationFailed

from energy_contracts.live import Authenticated, ErrorFrame, LiveFrame, Pong, Subscribed
from energy_contracts.names import MAIN_CHANNEL
from monitoring.devices.visibility import AccessSnapshot, sees_every_device, visible_device_ids
from monitoring.live.admission import AUTHENTICATED
from monitoring.live.hub import Hub
from service_kit.access.authentication import check_still_valid
from service_kit.access.tokens import VerifiedAccessToken
from service_kit.identity.authentication import KnownUserAuthentication
from service_kit.identity.models import KnownUser

logger = logging.getLogger(__name__)

#: Seconds in which a socket must authenticate.
AUTHENTICATE_SECONDS = 5

#: Seconds a frame may take to leave. Slower clients are disconnected; they connect and read again.
SEND_SECONDS = 5

#: Frames that may wait until the client reads.
MAX_WAITING = 5_000

#: Devices one socket may listen to.
MAX_SUBSCRIBED = 1_000

CLOSE_UNAUTHENTICATED = 4401
CLOSE_ACCESS_LOST = 4403
CLOSE_NOT_TEXT = 1009
CLOSE_FAILED = 1011

#: Channels of a subscription that names none: older clients take every hour for one of `main`.
MAIN_ALONE = frozenset({MAIN_CHANNEL})

#: Codes of channels that one subscription may name.
MAX_CHANNELS = 100

#: The user of a socket that has not authenticated.
NOBODY = UUID(int=0)


class MonitoringSocket(AsyncWebsocketConsumer):
    """The socket of one browser tab."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket to its end."""
        self.user: KnownUser | None = None
        self.token: VerifiedAccessToken | None = None
        self.user_id = NOBODY
        self.sees_every_device = False
        self.device_ids: set[UUID] = set()
        self.channels = MAIN_ALONE
        self.alerts = False
        self._waiting: dict[object, str] = {}
        self._frame_waits = asyncio.Event()
        self._closing = False
        self._disconnected = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._main = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self._disconnected:
                raise
        except (Error, OSError) as error:
            # The database is unavailable; the client connects again later.
            logger.warning("a socket was closed: %s", str(error).strip())
            await self.end(CLOSE_FAILED)
        except Exception:
            logger.exception("a socket failed")
            await self.end(CLOSE_FAILED)
        finally:
            self._release()

    async def connect(self) -> None:
        """Accept the socket; it must authenticate in time."""
        await self.accept()
        self._end_in(AUTHENTICATE_SECONDS)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer a frame of the client."""
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
            await self._send(Pong())
        elif kind == "authenticate":
            await self._authenticate(frame)
        elif self.user is None:
            await self._error("not_authenticated", "Send an authenticate frame first.")
        elif kind == "subscribe":
            await self._subscribe(self.user, frame)
        else:
            await self._error("unknown_type", f"There is no frame type {kind[:50]!r}.")

    # As a subscriber of the hub.

    def send_soon(self, key: object, text: str) -> None:
        """Send a frame; it replaces a waiting frame of the same key."""
        self._waiting[key] = text
        if len(self._waiting) > MAX_WAITING:
            self._disconnect()
        self._frame_waits.set()

    def close_soon(self, code: int) -> None:
        """Close the socket without waiting for the client."""
        self._start(self.end(code))

    def confirm_soon(self) -> None:
        """Send the devices that the client receives all changes of from now on."""
        self._start(self._send_subscribed())

    def apply_access(self, access: AccessSnapshot) -> None:
        """Drop the devices that the user may no longer see; close when the session has ended."""
        if self.token is None or self._closing:
            return
        user = access.users.get(self.user_id)
        try:
            check_still_valid(user, self.token["ver"])
        except AuthenticationFailed:
            user = None
        if user is None:
            self.close_soon(CLOSE_ACCESS_LOST)
            return
        self.user, self.sees_every_device = user, sees_every_device(user)
        visible = access.visible(user, self.device_ids)
        if visible != self.device_ids:
            hub = Hub.current()
            hub.assign(self, visible)
            if not hub.is_waiting(self):
                self.confirm_soon()

    # Frames of the client.

    async def _authenticate(self, frame: dict[str, Any]) -> None:
        if self.user is None and self._timer is not None:
            # The token arrived in time: the time of our own lookup, when thousands come back at
            # once, does not count.
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
            Hub.current().add(self)
            self._start(self._write())
        await self._send(Authenticated(datetime.fromtimestamp(token["exp"], UTC)))

    async def _subscribe(self, user: KnownUser, frame: dict[str, Any]) -> None:
        alerts = frame.get("alerts", False)
        # A client that wants alerts need not name devices.
        named: Any = frame.get("device_ids", [] if alerts is True else None)
        try:
            device_ids = {UUID(device_id) for device_id in named}
        except (AttributeError, TypeError, ValueError):
            await self._error("bad_frame", '"device_ids" must be a list of device ids.')
            return
        if not isinstance(alerts, bool):
            await self._error("bad_frame", '"alerts" must be true or false.')
            return
        if len(device_ids) > MAX_SUBSCRIBED:
            await self._error("too_many", f"At most {MAX_SUBSCRIBED} devices a socket.")
            return
        channels = frame.get("channels", [MAIN_CHANNEL])
        if not isinstance(channels, list) or not all(isinstance(code, str) for code in channels):
            await self._error("bad_frame", '"channels" must be a list of codes of channels.')
            return
        if len(channels) > MAX_CHANNELS:
            await self._error("too_many", f"At most {MAX_CHANNELS} channels a socket.")
            return
        self.alerts, self.channels = alerts, frozenset(channels)
        if await Hub.current().subscribe(self, await _visible(user, device_ids)):
            await self._send_subscribed()

    # Helpers.

    async def end(self, code: int) -> None:
        """Close the socket with the code."""
        if not self._closing:
            self._closing = True
            await self._in_time(self.close(code))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside the socket; if `work` fails, this socket ends, and not the process."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._check_ended)

    def _check_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("a socket failed", exc_info=task.exception())
            # It would stay open and receive nothing.
            self._disconnect()

    def _end_in(self, seconds: float) -> None:
        """Close the socket after that time, unless a new token extends the time before."""
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(0.0, seconds), self.close_soon, CLOSE_UNAUTHENTICATED)

    def _release(self) -> None:
        self._closing = True
        if self._timer is not None:
            self._timer.cancel()
        if self.user is not None:
            Hub.current().remove(self)
        for task in self._tasks:
            task.cancel()

    def _disconnect(self) -> None:
        """End without a close frame: a client that does not read would not receive it."""
        if not self._disconnected and self._main is not None:
            self._closing = self._disconnected = True
            self._main.cancel()

    async def _write(self) -> None:
        while True:
            await self._frame_waits.wait()
            self._frame_waits.clear()
            waiting, self._waiting = self._waiting, {}
            for text in waiting.values():
                await self._send_text(text)

    async def _send_subscribed(self) -> None:
        channels = None if self.channels == MAIN_ALONE else sorted(self.channels)
        await self._send(Subscribed(sorted(self.device_ids), self.alerts, channels))

    async def _error(self, code: str, detail: str) -> None:
        await self._send(ErrorFrame(code, detail))

    async def _send(self, frame: LiveFrame) -> None:
        await self._send_text(msgspec.json.encode(frame).decode())

    async def _send_text(self, text: str) -> None:
        if not self._closing:
            await self._in_time(self.send(text_data=text))

    async def _in_time(self, sending: Coroutine[Any, Any, None]) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await sending
        except TimeoutError:
            self._disconnect()
        except OSError:
            # The client has closed the connection; the disconnect event follows.
            self._closing = True


@database_sync_to_async
def _authenticated(raw_token: str) -> tuple[KnownUser, VerifiedAccessToken]:
    return KnownUserAuthentication().authenticate_token(raw_token)  # type: ignore[return-value]


@database_sync_to_async
def _visible(user: KnownUser, device_ids: set[UUID]) -> set[UUID]:
    return visible_device_ids(user, device_ids)
