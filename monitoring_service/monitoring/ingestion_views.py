"""HTTP for whoever runs the platform: what came in, what became of it, what could not be stored."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import F
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from energy_contracts.names import READINGS_QUEUE
from monitoring import dead_letters, ingestion_serializers, ledger, replays, selectors
from monitoring.models import DeadLetterReplay
from monitoring.unacknowledged import unacknowledged_messages
from monitoring.views import asking, query
from service_kit.authentication import IsAdmin
from service_kit.keyset import Ordering, page_of

#: The order of unclaimed devices: the latest first.
LATEST_DEVICES = Ordering("-key", "key", F("key"), descending=True)


#: How long the answer to a replay waits for it: a few letters are sent again within that, and who
#: asks for many reads the progress.
REPLAY_SECONDS = 2.0


#: The progress before anybody asked for a replay.
NO_REPLAY: dict[str, Any] = {
    "id": None,
    "state": "none",
    "total": None,
    "remaining": None,
    "replayed": 0,
    "failed": 0,
    "left": 0,
    "requested_at": None,
    "finished_at": None,
}


class AdminView(APIView):
    """For administrators."""

    permission_classes = (IsAuthenticated, IsAdmin)


class LedgerView(AdminView):
    """What became of every reading received, in total and in each of the last sixty minutes."""

    @extend_schema(responses=ingestion_serializers.LedgerSerializer)
    def get(self, request: Request) -> Response:
        queues = ledger.queue_state()
        waiting = None if queues is None else queues[READINGS_QUEUE]
        unacknowledged = unacknowledged_messages()
        answer = {
            "totals": selectors.ledger_totals(),
            "rejected_by_reason": selectors.ledger_rejections(),
            "per_minute": [asdict(minute) for minute in ledger.minutes()],
            "queues": queues,
            "unacknowledged_messages": unacknowledged,
            "oldest_unprocessed_seconds": ledger.oldest_unprocessed_seconds(
                waiting, unacknowledged
            ),
            "unclaimed_devices": selectors.devices_unclaimed().count(),
        }
        return Response(ingestion_serializers.LedgerSerializer(answer).data)


class UnclaimedView(AdminView):
    """Devices that send but are not registered, the latest first."""

    @extend_schema(responses=ingestion_serializers.UnclaimedSerializer(many=True))
    def get(self, request: Request) -> Response:
        devices = selectors.devices_unclaimed()
        page = page_of(devices, request, LATEST_DEVICES, devices.count)
        states = ledger.unclaimed_states(page.rows)
        return Response(
            page.answer(ingestion_serializers.UnclaimedSerializer(states, many=True).data)
        )


class DeadLettersView(AdminView):
    """The oldest dead letters, at most 500, with the reason of each."""

    @extend_schema(
        parameters=[ingestion_serializers.DeadLetterFilter],
        responses=ingestion_serializers.DeadLettersSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = query(request, ingestion_serializers.DeadLetterFilter)
        found = dead_letters.dead_letters(asked.get("reason"))
        queues = ledger.queue_state()
        answer = {
            "count": None if queues is None else queues[dead_letters.DEAD_LETTERS],
            "results": found,
        }
        return Response(ingestion_serializers.DeadLettersSerializer(answer).data)


class ReplayView(AdminView):
    """Send dead letters again; what was stored meanwhile is a duplicate, not counted twice."""

    @extend_schema(responses=ingestion_serializers.ReplayProgressSerializer)
    def get(self, request: Request) -> Response:
        return Response(_progress(replays.replay_latest()))

    @extend_schema(
        request=ingestion_serializers.ReplaySerializer,
        responses=ingestion_serializers.ReplayProgressSerializer,
    )
    def post(self, request: Request) -> Response:
        parsed = ingestion_serializers.ReplaySerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        wanted: dict[str, Any] = parsed.validated_data
        replay = replays.replay_request(
            asking(request).id,
            None if wanted["all"] else wanted["message_ids"],
            wanted["reason"],
        )
        replays.replay_await(replay, REPLAY_SECONDS)
        return Response(_progress(replay))


def _progress(replay: DeadLetterReplay | None) -> dict[str, Any]:
    if replay is None:
        return NO_REPLAY
    return ingestion_serializers.ReplayProgressSerializer(replay).data
