"""The routes of a device's assignments."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.access.permissions import check_may_manage
from devices.access.selectors import device_get
from devices.assignments.selectors import assignment_get, assignment_list
from devices.assignments.serializers import (
    AssignmentQuery,
    AssignmentSerializer,
    NewAssignmentSerializer,
)
from devices.assignments.services import assignment_create, assignment_end
from devices.log.actors import current_actor
from devices.models import Assignment
from service_kit.api.requests import validated_body, validated_query
from service_kit.identity.authentication import current_user


class AssignmentListView(GenericAPIView[Assignment]):
    """The assignments of one device."""

    @extend_schema(
        operation_id="devices_assignments_list",
        parameters=[AssignmentQuery],
        responses=AssignmentSerializer(many=True),
    )
    def get(self, request: Request, device_id: UUID) -> Response:
        """List the users who have the device, with `history` also those who had it."""
        user = current_user(request)
        device = device_get(user=user, device_id=device_id)
        query = validated_query(request, AssignmentQuery)
        assignments = assignment_list(user=user, device=device, **query)
        page = self.paginate_queryset(assignments)
        return self.get_paginated_response(AssignmentSerializer(page, many=True).data)

    @extend_schema(
        request=NewAssignmentSerializer,
        responses={201: AssignmentSerializer, 200: AssignmentSerializer},
    )
    def post(self, request: Request, device_id: UUID) -> Response:
        """Assign the device to a user; 200 if the user has it already."""
        check_may_manage(request, device_id)
        values = validated_body(request, NewAssignmentSerializer)
        created, is_new = assignment_create(
            actor=current_actor(request), device_id=device_id, **values
        )
        assignment = assignment_get(assignment_id=created.id)
        return Response(
            AssignmentSerializer(assignment).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )


class AssignmentView(APIView):
    """The assignment of one device to one user."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, device_id: UUID, user_id: UUID) -> Response:
        """End the assignment."""
        check_may_manage(request, device_id)
        assignment_end(actor=current_actor(request), device_id=device_id, user_id=user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
