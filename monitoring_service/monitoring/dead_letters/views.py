"""HTTP for dead letters: list them, send them again, discard them."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring.dead_letters import discards, selectors, services
from monitoring.dead_letters.serializers import (
    ChoiceSerializer,
    DeadLetterFilter,
    DeadLettersSerializer,
    DiscardSerializer,
    ReplayProgressSerializer,
    ReplaySerializer,
)
from monitoring.ledger.queues import queue_state
from monitoring.models import DeadLetterDiscard, DeadLetterReplay
from service_kit.access.permissions import HasPermission, Permission
from service_kit.api.requests import current_user, validated_body, validated_query

#: Seconds for which the answer to a request waits for its work: enough for some letters. A client
#: that chose many reads the progress.
WAIT_SECONDS = 2.0

#: The progress before the first replay was requested.
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


class DeadLettersView(APIView):
    """List the oldest dead letters, at most 500, with the reason of each."""

    permission_classes = (HasPermission(Permission.OPERATE_INGESTION),)

    @extend_schema(
        parameters=[DeadLetterFilter],
        responses=DeadLettersSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the oldest dead letters, at most 500, with the reason of each."""
        query = validated_query(request, DeadLetterFilter)
        letters = selectors.dead_letters(query.get("reason"))
        queues = queue_state()
        answer = {
            "count": None if queues is None else queues[selectors.DEAD_LETTERS],
            "results": letters,
        }
        return Response(DeadLettersSerializer(answer).data)


class ReplayView(APIView):
    """Send dead letters again; a reading that is already stored counts as a duplicate."""

    permission_classes = (HasPermission(Permission.OPERATE_INGESTION),)

    @extend_schema(responses=ReplayProgressSerializer)
    def get(self, request: Request) -> Response:
        """Return the progress of the latest replay."""
        return Response(_progress(services.replay_latest()))

    @extend_schema(
        request=ReplaySerializer,
        responses=ReplayProgressSerializer,
    )
    def post(self, request: Request) -> Response:
        """Request a replay, wait two seconds at most, and return its progress.

        A reading that is stored already counts as a duplicate. A second request for the
        same letters returns the replay that is not finished yet.
        """
        values = validated_body(request, ReplaySerializer)
        replay = services.replay_request(
            current_user(request).id,
            None if values["all"] else values["message_ids"],
            values["reason"],
            values["retryable"],
        )
        selectors.await_finished(replay, WAIT_SECONDS)
        return Response(_progress(replay))


class DiscardsView(GenericAPIView[DeadLetterDiscard]):
    """Discard dead letters, on record; list who discarded how many, the latest first."""

    permission_classes = (HasPermission(Permission.OPERATE_INGESTION),)

    @extend_schema(responses=DiscardSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the discards of dead letters, the latest first."""
        page = cast(list[DeadLetterDiscard], self.paginate_queryset(discards.discard_list()))
        return self.get_paginated_response(DiscardSerializer(page, many=True).data)

    @extend_schema(request=ChoiceSerializer, responses=DiscardSerializer)
    def post(self, request: Request) -> Response:
        """Discard dead letters for good: wait two seconds at most, and return the record.

        Letters that arrive after the request are kept.
        """
        values = validated_body(request, ChoiceSerializer)
        discard = discards.discard_request(
            current_user(request),
            None if values["all"] else values["message_ids"],
            values["reason"],
        )
        selectors.await_finished(discard, WAIT_SECONDS)
        return Response(DiscardSerializer(discard).data)


def _progress(replay: DeadLetterReplay | None) -> dict[str, Any]:
    if replay is None:
        return NO_REPLAY
    return ReplayProgressSerializer(replay).data
