"""The websocket `/ws/monitoring/`: hours of the devices one may see, as they change.

The token comes in the first frame, never in the URL, where logs would keep it.
"""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import redis.asyncio
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from rest_framework.exceptions import AuthenticationFailed

from monitoring.push import LISTENED_KEY, LISTENED_SECONDS, device_group, iso, user_group
from monitoring.selectors import visible_device_ids
from service_kit.authentication import check_still_valid
from service_kit.identity.authentication import KnownUserAuthentication
from service_kit.identity.models import KnownUser
from service_kit.tokens import VerifiedAccessToken

#: Seconds a socket may stay without saying who it is.
AUTHENTICATE_SECONDS = 5

#: Seconds between renewals of the registration, and re-checks of what the user may see.
RENEW_SECONDS = 30

#: Characters of one frame; ours are far smaller.
MAX_FRAME = 65_536

#: Devices one socket may listen to.
MAX_SUBSCRIBED = 1_000

CLOSE_UNAUTHENTICATED = 4401
CLOSE_ACCESS_LOST = 4403
CLOSE_TOO_BIG = 1009


class MonitoringSocket(AsyncWebsocketConsumer):
    """One browser tab."""

    async def connect(self) -> None:
        self.user: KnownUser | None = None
        self.token: VerifiedAccessToken | None = None
        self.device_ids: set[UUID] = set()
        self.redis = redis.asyncio.Redis.from_url(settings.REDIS_URL)
        await self.accept()
        self.keeper = asyncio.create_task(self._close_unless_authenticated())

    async def disconnect(self, code: int) -> None:
        self.keeper.cancel()
        await self._listen_to(set())
        if self.user is not None:
            await self.channel_layer.group_discard(user_group(self.user.id), self.channel_name)
        await self.redis.aclose()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data is None or len(text_data) > MAX_FRAME:
            await self.close(CLOSE_TOO_BIG)
            return
        try:
            frame = json.loads(text_data)
            kind = frame["type"]
        except (ValueError, TypeError, KeyError):
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
            await self._error("unknown_type", f"There is no frame type {str(kind)[:50]!r}.")

    # What the groups send.

    async def hourly_updated(self, event: dict[str, Any]) -> None:
        await self._send(event["frame"])

    async def access_changed(self, event: dict[str, Any]) -> None:
        await self._check_access()

    # What the frames do.

    async def _authenticate(self, frame: dict[str, Any]) -> None:
        try:
            user, token = await _authenticated(str(frame.get("token", "")))
        except AuthenticationFailed as error:
            await self._error("not_authenticated", str(error.detail))
            await self.close(CLOSE_UNAUTHENTICATED)
            return
        if self.user is not None and self.user.id != user.id:
            await self._error("not_authenticated", "Open a new socket for another user.")
            await self.close(CLOSE_UNAUTHENTICATED)
            return
        self.user, self.token = user, token
        self.keeper.cancel()
        self.keeper = asyncio.create_task(self._keep_until(token["exp"]))
        await self.channel_layer.group_add(user_group(user.id), self.channel_name)
        expires_at = iso(datetime.fromtimestamp(token["exp"], UTC))
        await self._send({"type": "authenticated", "expires_at": expires_at})

    async def _subscribe(self, user: KnownUser, frame: dict[str, Any]) -> None:
        try:
            wanted = {UUID(str(device_id)) for device_id in frame["device_ids"]}
        except (KeyError, TypeError, ValueError):
            await self._error("bad_frame", '"device_ids" must be a list of device ids.')
            return
        if len(wanted) > MAX_SUBSCRIBED:
            await self._error("too_many", f"At most {MAX_SUBSCRIBED} devices a socket.")
            return
        await self._listen_to(await _visible(user, wanted))
        await self._say_subscribed()

    # Helpers.

    async def _close_unless_authenticated(self) -> None:
        await asyncio.sleep(AUTHENTICATE_SECONDS)
        await self.close(CLOSE_UNAUTHENTICATED)

    async def _keep_until(self, expiry: int) -> None:
        """Renew the registration until the token expires (Unix time), then close."""
        while (left := expiry - time.time()) > 0:
            await self._register()
            await asyncio.sleep(min(RENEW_SECONDS, left))
            if not await self._check_access():
                return
        await self.close(CLOSE_UNAUTHENTICATED)

    async def _check_access(self) -> bool:
        """Drop what the user may no longer see; close and return False when that is everything."""
        if self.user is None or self.token is None:
            return True
        try:
            self.user = await _still_valid(self.user.id, self.token)
        except AuthenticationFailed:
            await self.close(CLOSE_ACCESS_LOST)
            return False
        visible = await _visible(self.user, self.device_ids)
        if visible != self.device_ids:
            await self._listen_to(visible)
            await self._say_subscribed()
        return True

    async def _listen_to(self, device_ids: set[UUID]) -> None:
        for device_id in self.device_ids - device_ids:
            await self.channel_layer.group_discard(device_group(device_id), self.channel_name)
        for device_id in device_ids - self.device_ids:
            await self.channel_layer.group_add(device_group(device_id), self.channel_name)
        self.device_ids = device_ids
        await self._register()

    async def _register(self) -> None:
        """Tell ingest which devices somebody listens to."""
        if self.device_ids:
            until = time.time() + LISTENED_SECONDS
            await self.redis.zadd(LISTENED_KEY, {str(one): until for one in self.device_ids})

    async def _say_subscribed(self) -> None:
        ids = sorted(str(device_id) for device_id in self.device_ids)
        await self._send({"type": "subscribed", "device_ids": ids})

    async def _error(self, code: str, detail: str) -> None:
        await self._send({"type": "error", "code": code, "detail": detail})

    async def _send(self, frame: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(frame))


@database_sync_to_async
def _authenticated(raw_token: str) -> tuple[KnownUser, VerifiedAccessToken]:
    return KnownUserAuthentication().authenticate_token(raw_token)  # type: ignore[return-value]


@database_sync_to_async
def _still_valid(user_id: UUID, token: VerifiedAccessToken) -> KnownUser:
    return check_still_valid(KnownUserAuthentication().user(user_id), token)  # type: ignore[return-value]


@database_sync_to_async
def _visible(user: KnownUser, device_ids: set[UUID]) -> set[UUID]:
    return visible_device_ids(user, device_ids)
