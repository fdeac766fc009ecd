"""HTTP for held jumps: list them, accept or dismiss one, undo a decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring.devices.channels import channels_by_key
from monitoring.held.selectors import closed_ids, jump_list
from monitoring.held.serializers import DecisionSerializer, HeldFilter, HeldJumpSerializer
from monitoring.held.services import Kind, jump_decide
from monitoring.models import HeldJump
from monitoring.storage.closed_months import closed_months
from service_kit.access.permissions import HasPermission, Permission
from service_kit.api.requests import current_user, validated_body, validated_query


class HeldView(GenericAPIView[HeldJump]):
    """List the held jumps of all devices or of one, the latest first."""

    permission_classes = (HasPermission(Permission.DECIDE_HELD_ENERGY),)

    @extend_schema(parameters=[HeldFilter], responses=HeldJumpSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the rises that devices cannot use, with the decisions about them."""
        filters = validated_query(request, HeldFilter)
        jumps = jump_list(user=current_user(request), **filters)
        page = cast(list[HeldJump], self.paginate_queryset(jumps))
        return self.get_paginated_response(serialized_jumps(page))


class DecisionView(APIView):
    """Decide about a held jump; a repetition changes nothing."""

    permission_classes = (HasPermission(Permission.DECIDE_HELD_ENERGY),)
    kind: ClassVar[Kind]

    def decide(self, request: Request, jump_id: int) -> Response:
        """Record the decision and return the jump."""
        note = validated_body(request, DecisionSerializer)["note"]
        jump = jump_decide(jump_id=jump_id, kind=self.kind, actor=current_user(request), note=note)
        return Response(serialized_jumps([jump])[0])


class AcceptView(DecisionView):
    """Accept a held jump."""

    kind = Kind.ACCEPTED

    @extend_schema(request=DecisionSerializer, responses=HeldJumpSerializer)
    def post(self, request: Request, jump_id: int) -> Response:
        """Accept a held jump: its energy counts. A repetition changes nothing."""
        return self.decide(request, jump_id)


class DismissView(DecisionView):
    """Dismiss a held jump."""

    kind = Kind.DISMISSED

    @extend_schema(request=DecisionSerializer, responses=HeldJumpSerializer)
    def post(self, request: Request, jump_id: int) -> Response:
        """Dismiss a held jump: its energy stays out. A repetition changes nothing."""
        return self.decide(request, jump_id)


class UndoView(DecisionView):
    """Undo the decision about a held jump."""

    kind = Kind.UNDONE

    @extend_schema(request=DecisionSerializer, responses=HeldJumpSerializer)
    def post(self, request: Request, jump_id: int) -> Response:
        """Undo the decision: the jump is open again. A repetition changes nothing."""
        return self.decide(request, jump_id)


def serialized_jumps(jumps: Sequence[HeldJump]) -> list[dict[str, Any]]:
    """Return the jumps as JSON values, with the names of their devices from two more queries."""
    context = {
        "channels": channels_by_key({jump.device_key for jump in jumps}),
        "closed": closed_ids(jumps, closed_months()),
    }
    serializer = HeldJumpSerializer(jumps, many=True, context=context)
    return cast(list[dict[str, Any]], serializer.data)
