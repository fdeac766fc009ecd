"""HTTP of whole files: import and export."""

from __future__ import annotations

from typing import IO, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from devices import selectors
from devices.bulk import devices_import
from devices.csvfile import EXPORTED_COLUMNS, MAX_BYTES, csv_blocks, csv_rows
from devices.serializers import MAX_TEXT, DeviceQuery
from devices.views import actor, asking, check_is_admin, valid
from service_kit.errors import PROBLEM_JSON, problem
from service_kit.ordering import Ordering

#: Devices fetched at a time for an export.
EXPORT_CHUNK = 2_000


class CsvParser(BaseParser):
    """A body that is the file itself."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Any = None,
    ) -> dict[str, bytes]:
        # One byte more than is allowed tells a file that is too large from one that just fits.
        return {"file": stream.read(MAX_BYTES + 1)}


class ImportQuery(serializers.Serializer[Any]):
    """Parameters of an import."""

    dry_run = serializers.BooleanField(default=False, help_text="check and report, store nothing")
    notes = serializers.CharField(max_length=MAX_TEXT, required=False, default="")


class ImportView(APIView):
    """Many new devices from a CSV file: all or none. For administrators."""

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
        check_is_admin(request)
        query = valid(ImportQuery(data=request.query_params))
        rows = csv_rows(self.file(request))
        report = devices_import(actor=actor(request), rows=rows, **query)
        if query["dry_run"]:
            return Response(report.as_json())
        if report.errors:
            detail = f"{len(report.errors)} of {len(rows)} rows are refused; nothing was stored."
            document = problem(400, code="import_refused", detail=detail)
            return Response(
                {**document, **report.as_json()},
                status=status.HTTP_400_BAD_REQUEST,
                content_type=PROBLEM_JSON,
            )
        return Response(report.as_json(), status=status.HTTP_201_CREATED)

    def file(self, request: Request) -> bytes:
        """The file's bytes. Raises ValidationError when there is none."""
        found = cast("dict[str, Any]", request.data).get("file")
        if isinstance(found, UploadedFile):
            found = found.read(MAX_BYTES + 1)
        if not isinstance(found, bytes):
            raise ValidationError({"file": ["Send a CSV file, as the body or as a form's `file`."]})
        return found


class ExportView(APIView):
    """The devices that the user may see, as a CSV file; the filters are those of the list."""

    @extend_schema(
        operation_id="devices_export",
        parameters=[DeviceQuery],
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR)},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        query = valid(DeviceQuery(data=request.query_params))
        ordering = Ordering.by(query.pop("ordering"), caseless=selectors.CASELESS_FIELDS)
        rows = ordering.sort(selectors.device_list(user=asking(request), **query))
        return StreamingHttpResponse(
            csv_blocks(rows.values(*EXPORTED_COLUMNS).iterator(chunk_size=EXPORT_CHUNK)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="devices.csv"'},
        )
