"""The routes of a device's channels; the device itself lists them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.access.permissions import check_may_manage
from devices.access.selectors import device_get
from devices.channels.serializers import (
    ChangedChannelSerializer,
    ChannelSerializer,
    NotedChannelSerializer,
)
from devices.channels.services import channel_create, channel_delete, channel_update
from devices.log.actors import current_actor
from service_kit.api.requests import validated_body
from service_kit.identity.authentication import current_user


class ChannelListView(APIView):
    """The channels of one device."""

    @extend_schema(request=NotedChannelSerializer, responses={201: ChannelSerializer})
    def post(self, request: Request, device_id: UUID) -> Response:
        """Add a channel to a device."""
        check_may_manage(request, device_id)
        values = validated_body(request, NotedChannelSerializer)
        notes = values.pop("notes", "")
        channel = channel_create(
            actor=current_actor(request), device_id=device_id, values=values, notes=notes
        )
        return Response(ChannelSerializer(channel).data, status=status.HTTP_201_CREATED)


class ChannelView(APIView):
    """One channel of one device."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the channel. Raises NotFound, whatever the method of the request is."""
        super().initial(request, *args, **kwargs)
        device = device_get(user=current_user(request), device_id=kwargs["device_id"])
        channels = {channel.code: channel for channel in device.all_channels()}
        if kwargs["code"] not in channels:
            raise NotFound
        self.channel = channels[kwargs["code"]]

    @extend_schema(request=ChangedChannelSerializer(partial=True), responses=ChannelSerializer)
    def patch(self, request: Request, device_id: UUID, code: str) -> Response:
        """Change some fields of a channel; those of `main` are fields of the device too."""
        check_may_manage(request, device_id)
        values = validated_body(
            request, ChangedChannelSerializer, instance=self.channel, partial=True
        )
        notes = values.pop("notes", "")
        channel = channel_update(
            actor=current_actor(request),
            device_id=device_id,
            code=code,
            values=values,
            notes=notes,
        )
        return Response(ChannelSerializer(channel).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, device_id: UUID, code: str) -> Response:
        """Delete a channel; `main` stays, and so does one that receives negative readings."""
        check_may_manage(request, device_id)
        channel_delete(actor=current_actor(request), device_id=device_id, code=code)
        return Response(status=status.HTTP_204_NO_CONTENT)
