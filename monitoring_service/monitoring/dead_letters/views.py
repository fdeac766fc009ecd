"""HTTP for dead letters: list them, send them again."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from monitoring.api.requests import AdminView, asking, query
from monitoring.dead_letters import selectors, services
from monitoring.dead_letters.serializers import (
    DeadLetterFilter,
    DeadLettersSerializer,
    ReplayProgressSerializer,
    ReplaySerializer,
)
from monitoring.ledger.queues import queue_state
from monitoring.models import DeadLetterReplay

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


class DeadLettersView(AdminView):
    """The oldest dead letters, at most 500, with the reason of each."""

    @extend_schema(
        parameters=[DeadLetterFilter],
        responses=DeadLettersSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = query(request, DeadLetterFilter)
        found = selectors.dead_letters(asked.get("reason"))
        queues = queue_state()
        answer = {
            "count": None if queues is None else queues[selectors.DEAD_LETTERS],
            "results": found,
        }
        return Response(DeadLettersSerializer(answer).data)


class ReplayView(AdminView):
    """Send dead letters again; what was stored meanwhile is a duplicate, not counted twice."""

    @extend_schema(responses=ReplayProgressSerializer)
    def get(self, request: Request) -> Response:
        return Response(_progress(services.replay_latest()))

    @extend_schema(
        request=ReplaySerializer,
        responses=ReplayProgressSerializer,
    )
    def post(self, request: Request) -> Response:
        parsed = ReplaySerializer(data=request.data)
        parsed.is_valid(raise_exception=True)
        wanted: dict[str, Any] = parsed.validated_data
        replay = services.replay_request(
            asking(request).id,
            None if wanted["all"] else wanted["message_ids"],
            wanted["reason"],
        )
        services.replay_await(replay, REPLAY_SECONDS)
        return Response(_progress(replay))


def _progress(replay: DeadLetterReplay | None) -> dict[str, Any]:
    if replay is None:
        return NO_REPLAY
    return ReplayProgressSerializer(replay).data
