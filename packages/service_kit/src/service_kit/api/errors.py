"""Errors as RFC 9457 problem documents, the same in every service."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from service_kit.http.request_id import current_request_id

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"

#: The same text for "does not exist" and "is not yours", so that a stranger learns nothing.
NOT_FOUND = "This does not exist, or you have no access to it."


class Conflict(exceptions.APIException):
    """The request is well formed but the present state forbids it.

    `members` are put into the problem document beside the usual ones, for programs.
    """

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This is not possible in the current state."
    default_code = "conflict"

    def __init__(self, detail: str | None = None, code: str | None = None, **members: Any) -> None:
        """Keep the members for the problem document."""
        super().__init__(detail, code)
        self.members = members


class PartNotFound(exceptions.APIException):
    """A part is missing from something that the user may see, so the answer may name the others."""

    status_code = status.HTTP_404_NOT_FOUND
    default_detail = "This part does not exist."
    default_code = "part_not_found"


class Unavailable(exceptions.APIException):
    """A server that this service needs is unavailable; a later request may succeed."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The service is temporarily unavailable. Try again in a few seconds."
    default_code = "unavailable"


def problem(status_code: int, *, code: str, detail: str) -> dict[str, Any]:
    """Return the members of a problem document."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status_code).phrase,
        "status": status_code,
        "detail": detail,
        "code": code,
        "request_id": current_request_id(),
    }


def field_errors(errors: dict[str, Any]) -> dict[str, Any]:
    """Return the sentences of each field, and in the same places their codes for programs."""
    return {"errors": errors, "codes": exceptions.ValidationError(errors).get_codes()}


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer to an error as a problem document; the exception handler of DRF."""
    if isinstance(error, OperationalError | InterfaceError):
        logger.warning("database is unavailable: %s", error)
        error = Unavailable()
    elif isinstance(error, RecursionError):
        # The JSON parser's error for a body of a hundred thousand brackets.
        error = exceptions.ParseError("The body is nested too deeply.")
    elif isinstance(error, DataError):
        # No row has such a value: a number that is too large, an offset that no clock has.
        logger.info("a value that the database does not know: %s", error)
        error = exceptions.ParseError("A value is outside of what can be stored or compared.")
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        response.data = _document(error)
    response.content_type = PROBLEM_JSON
    if response.status_code == status.HTTP_503_SERVICE_UNAVAILABLE:
        response["Retry-After"] = "5"
    return response


def _document(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = (
            error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        )
        names = ", ".join(sorted(str(name) for name in fields))
        document = problem(error.status_code, code="invalid", detail=f"Not valid: {names}.")
        return {**document, **field_errors(fields)}
    if isinstance(error, exceptions.NotFound):
        return problem(error.status_code, code="not_found", detail=NOT_FOUND)
    detail = error.detail
    code = getattr(detail, "code", None) or error.default_code
    document = problem(error.status_code, code=code, detail=str(detail))
    return {**document, **error.members} if isinstance(error, Conflict) else document


def _plain(request: HttpRequest, status_code: int, code: str, detail: str) -> HttpResponse:
    return JsonResponse(
        problem(status_code, code=code, detail=detail),
        status=status_code,
        content_type=PROBLEM_JSON,
    )


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a suspicious request, which Django rejects before DRF sees it."""
    return _plain(request, 400, "bad_request", "The request is malformed.")


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a path without a route."""
    return _plain(request, 404, "not_found", NOT_FOUND)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer a server error with the id of its log line, without a trace."""
    return _plain(request, 500, "internal_error", "The server failed. Try again in a moment.")


def too_many_sign_ins(request: HttpRequest) -> HttpResponse:
    """Answer in place of the gateway when it rejects a sign-in."""
    answer = _plain(request, 429, "throttled", "Too many attempts. Try again in a minute.")
    answer["Retry-After"] = "60"
    return answer
