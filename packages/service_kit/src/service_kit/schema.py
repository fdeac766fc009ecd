"""What every operation's schema has in common: the problem documents it may answer."""

from __future__ import annotations

from typing import Any

from service_kit.errors import PROBLEM_JSON
from service_kit.keyset import MAX_PAGE_SIZE, PAGE_SIZE

#: What every list takes besides its own parameters; a view that declares `cursor` declares all.
_PAGE_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "page",
        "in": "query",
        "schema": {"type": "string"},
        "description": "A page's number from 1 on, or `last`.",
    },
    {
        "name": "page_size",
        "in": "query",
        "schema": {"type": "integer"},
        "description": f"Rows of a page: {PAGE_SIZE} without it, at most {MAX_PAGE_SIZE}.",
    },
    {
        "name": "cursor",
        "in": "query",
        "schema": {"type": "string"},
        "description": "From a link `next` or `previous`, not to be made by hand.",
    },
]

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
            "description": "What is wrong, by field.",
        },
    },
    "required": ["type", "title", "status", "detail", "code", "request_id"],
}

_REASONS = {
    "400": "The request is not valid",
    "401": "No token, or one that is not good any more",
    "403": "Not for this user",
    "404": "There is no such thing, or it is not this user's",
    "406": "No answer of the kind that is asked for",
    "409": "The present state does not allow it",
    "413": "The body is too large",
    "415": "The body is of another kind",
    "429": "Too many requests; Retry-After says when to come back",
    "503": "Something needed is away for now",
}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> Any:
    """drf-spectacular's post-processing hook: each operation's possible errors.

    What a view declares itself stays as it is, but for one thing: no route answers a bare list, so
    one that declares rows answers pages of them.
    """
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    answer = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            _put_into_pages(operation)
            for status in _possible(path, method, operation):
                problem = {"description": _REASONS[status], "content": answer}
                operation["responses"].setdefault(status, problem)
            if method == "get" or any(p["in"] == "query" for p in operation.get("parameters", [])):
                # Web servers say it themselves, each in its own words.
                operation["responses"].setdefault("414", {"description": "The address is too long"})
    return result


def _put_into_pages(operation: dict[str, Any]) -> None:
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    rows = content.get("schema", {})
    if rows.get("type") != "array":
        return
    link = {"type": "string", "format": "uri", "nullable": True}
    content["schema"] = {
        "type": "object",
        "properties": {
            "count": {"type": "integer"},
            "next": link,
            "previous": link,
            "results": rows,
        },
        "required": ["next", "previous", "results"],
    }
    parameters = operation.setdefault("parameters", [])
    if all(parameter["name"] != "cursor" for parameter in parameters):
        parameters += _PAGE_PARAMETERS


def _possible(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    writes = method in ("post", "put", "patch", "delete")
    queried = any(
        one["name"] in ("page", "cursor", "device_id") for one in operation.get("parameters", [])
    )
    found = ["400", "403", "406", "429", "503"]
    if any("bearer" in one for one in operation.get("security", [])) or writes:
        found.append("401")
    if "{" in path or queried:
        found.append("404")
    if writes:
        found += ["409", "413", "415"]
    return sorted(found)
