"""The route of the security log."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from authentication.models import SecurityEvent
from authentication.security_log.selectors import security_event_list
from authentication.security_log.serializers import SecurityEventQuery, SecurityEventSerializer
from service_kit.access.permissions import HasPermission, Permission
from service_kit.api.requests import validated_query


class SecurityEventListView(GenericAPIView[SecurityEvent]):
    """The security log."""

    permission_classes = (HasPermission(Permission.READ_SECURITY_LOG),)

    @extend_schema(
        operation_id="security_events_list",
        parameters=[SecurityEventQuery],
        responses=SecurityEventSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the security log, newest entry first."""
        events = security_event_list(**validated_query(request, SecurityEventQuery))
        page = self.paginate_queryset(events)
        return self.get_paginated_response(SecurityEventSerializer(page, many=True).data)
