"""The OpenAPI description of the problem documents that every operation may answer."""

from __future__ import annotations

from typing import Any

from service_kit.api.errors import PROBLEM_JSON

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` is for programs, `request_id` is that of the logs.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "object",
            "additionalProperties": {},
            "description": "The errors of each field.",
        },
        "codes": {
            "type": "object",
            "additionalProperties": {},
            "description": "The codes of the errors, in the same places.",
        },
    },
    "required": ["type", "title", "status", "detail", "code", "request_id"],
}

_REASONS = {
    "400": "The request is not valid",
    "401": "No token, or one that is not valid any more",
    "403": "Not for this user",
    "404": "There is no such thing, or it is not this user's",
    "406": "No answer of the kind that is asked for",
    "409": "The present state does not allow it",
    "413": "The body is too large",
    "415": "The body is of another kind",
    "429": "Too many requests; Retry-After says when to come back",
    "503": "A part of the platform is temporarily unavailable",
}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> Any:
    """Add to each operation the problem documents that it may answer.

    These are the errors that follow from its method, path and parameters, and those whose status
    its view declares. A post-processing hook of drf-spectacular.
    """
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    answer = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            declared = [status for status in operation["responses"] if status in _REASONS]
            for status in sorted({*_possible(path, method, operation), *declared}):
                problem = {"description": _REASONS[status], "content": answer}
                operation["responses"][status] = problem
            if method == "get" or any(p["in"] == "query" for p in operation.get("parameters", [])):
                # The web server answers it itself, without a problem document.
                operation["responses"].setdefault("414", {"description": "The address is too long"})
    return result


def add_summaries(result: dict[str, Any], generator: Any, request: Any, public: bool) -> Any:
    """Add to each operation the first line of its description, which lists of operations show.

    A post-processing hook of drf-spectacular.
    """
    result["info"]["title"] += " API"
    for operations in result["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and operation.get("description"):
                first_line = operation["description"].partition("\n")[0]
                operation.setdefault("summary", first_line.rstrip("."))
    return result


def _possible(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    writes = method in ("post", "put", "patch", "delete")
    names = {parameter["name"] for parameter in operation.get("parameters", [])}
    statuses = ["400", "403", "406", "429", "503"]
    if any("bearer" in scheme for scheme in operation.get("security", [])) or writes:
        statuses.append("401")
    if "{" in path or names & {"page", "cursor"}:
        statuses.append("404")
    if writes:
        statuses += ["409", "413", "415"]
    return statuses
