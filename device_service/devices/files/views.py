"""The routes of whole files: import and export of devices."""

from __future__ import annotations

from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.assignments.selectors import with_usernames
from devices.channels.selectors import channel_codes, with_channels
from devices.files.csvfile import EXPORTED_COLUMNS, MAX_BYTES, csv_blocks, csv_file
from devices.files.serializers import ImportQuery
from devices.files.services import devices_import
from devices.inventory.selectors import device_list, devices_selected
from devices.inventory.serializers import DeviceQuery, SelectionSerializer
from devices.inventory.services import CHANNEL_FIELDS
from devices.log.actors import current_actor
from devices.models import Device
from service_kit.access.permissions import Permission, check_permission
from service_kit.api.errors import PROBLEM_JSON, problem
from service_kit.api.requests import validated_body, validated_query
from service_kit.identity.authentication import current_user
from service_kit.identity.models import KnownUser

#: Devices that an export fetches at a time.
EXPORT_CHUNK = 2_000


class CsvParser(BaseParser):
    """Parser of a body that is the file itself."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Any = None,
    ) -> dict[str, bytes]:
        """Return the body as `file`."""
        # One byte more than allowed, so that a file that is too large differs from one that fits.
        return {"file": stream.read(MAX_BYTES + 1)}


class ImportView(APIView):
    """The import of devices from a CSV file."""

    parser_classes = [CsvParser, MultiPartParser]

    @extend_schema(
        operation_id="devices_import",
        parameters=[ImportQuery],
        request={
            "text/csv": OpenApiTypes.STR,
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
            },
        },
        responses={
            200: OpenApiTypes.OBJECT,
            201: OpenApiTypes.OBJECT,
            (400, PROBLEM_JSON): OpenApiTypes.OBJECT,
        },
    )
    def post(self, request: Request) -> Response:
        """Create a device from each row of a CSV file; if a row is invalid, create none."""
        check_permission(current_user(request), Permission.MANAGE_DEVICES)
        query = validated_query(request, ImportQuery)
        file = csv_file(_file(request.data))
        report = devices_import(actor=current_actor(request), file=file, **query)
        if query["dry_run"]:
            return Response(report.as_json())
        if report.errors:
            detail = (
                f"{len(report.errors)} of {len(file.rows)} rows are rejected; nothing was stored."
            )
            document = problem(400, code="import_refused", detail=detail)
            return Response(
                {**document, **report.as_json()},
                status=status.HTTP_400_BAD_REQUEST,
                content_type=PROBLEM_JSON,
            )
        return Response(report.as_json(), status=status.HTTP_201_CREATED)


class ExportView(APIView):
    """The export of devices as a CSV file."""

    @extend_schema(
        operation_id="devices_export",
        parameters=[DeviceQuery],
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR)},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Export the devices that the user may see, with the filters and the order of the list."""
        query = validated_query(request, DeviceQuery)
        user = current_user(request)
        return _csv(device_list(user=user, **query), user)

    @extend_schema(
        operation_id="devices_export_selected",
        request=SelectionSerializer,
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR)},
    )
    def post(self, request: Request) -> StreamingHttpResponse:
        """Export chosen devices: their ids do not fit into an address."""
        selection = validated_body(request, SelectionSerializer)
        user = current_user(request)
        return _csv(devices_selected(user=user, **selection), user)


def _csv(devices: QuerySet[Device], user: KnownUser) -> StreamingHttpResponse:
    codes = channel_codes(devices)
    rows = with_channels(with_usernames(devices, user=user)).values(
        *EXPORTED_COLUMNS, *CHANNEL_FIELDS, "further_channels"
    )
    return StreamingHttpResponse(
        csv_blocks(rows.iterator(chunk_size=EXPORT_CHUNK), codes),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="devices.csv"'},
    )


def _file(data: Any) -> bytes:
    """Return the bytes of the file in a parsed body. Raises ValidationError without one."""
    content = data.get("file")
    if isinstance(content, UploadedFile):
        content = content.read(MAX_BYTES + 1)
    if not isinstance(content, bytes):
        message = "Send a CSV file, as the body or as a form's `file`."
        raise ValidationError({"file": [message]}, code="file_missing")
    return content
