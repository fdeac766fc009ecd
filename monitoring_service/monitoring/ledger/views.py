"""HTTP for operators: the ledger, and the devices that send without being registered."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from energy_contracts.names import READINGS_QUEUE
from monitoring.devices.selectors import devices_unregistered
from monitoring.ledger.queues import oldest_unprocessed_seconds, queue_state
from monitoring.ledger.selectors import (
    ledger_rejections,
    ledger_totals,
    minutes,
    unregistered_states,
)
from monitoring.ledger.serializers import LedgerSerializer, UnregisteredSerializer
from monitoring.ledger.unacknowledged import messages_held
from monitoring.models import Device
from monitoring.registers.held import open_totals
from service_kit.access.permissions import HasPermission, Permission


class LedgerView(APIView):
    """Serve the outcomes of all readings, in total and in each of the last sixty minutes."""

    permission_classes = (HasPermission(Permission.OPERATE_INGESTION),)

    @extend_schema(responses=LedgerSerializer)
    def get(self, request: Request) -> Response:
        """Return the outcomes of all readings, in total and by minute, and what waits."""
        queues = queue_state()
        waiting = None if queues is None else queues[READINGS_QUEUE]
        held = messages_held()
        jumps, energy = open_totals()
        answer = {
            "totals": ledger_totals(),
            "rejected_by_reason": ledger_rejections(),
            "per_minute": [asdict(minute) for minute in minutes()],
            "queues": queues,
            "unacknowledged_messages": None if held is None else held.messages,
            "oldest_unprocessed_seconds": oldest_unprocessed_seconds(waiting, held),
            "unclaimed_devices": devices_unregistered().count(),
            "held": {"open": jumps, "energy": energy},
        }
        return Response(LedgerSerializer(answer).data)


class UnregisteredView(GenericAPIView[Device]):
    """List the devices that send but are not registered, the latest first."""

    permission_classes = (HasPermission(Permission.OPERATE_INGESTION),)

    @extend_schema(responses=UnregisteredSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the devices that send but are not registered, the latest first."""
        page = cast(list[Device], self.paginate_queryset(devices_unregistered()))
        states = unregistered_states(page)
        return self.get_paginated_response(UnregisteredSerializer(states, many=True).data)
