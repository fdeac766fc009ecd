"""The tests of every route that a service has, as its own OpenAPI schema describes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from service_kit.api.errors import PROBLEM_JSON
from service_kit.testing.growth import assert_grows_with_its_input

#: Texts whose work may grow faster than their length: accents are sorted, patterns retried,
#: numbers converted.
TEXTS: dict[str, Callable[[int], str]] = {
    "letters": lambda n: "x" * n,
    "accents": lambda n: "a" + "\u0301\u0323" * n,
    "blanks": lambda n: " " * n + "x",
    "digits": lambda n: "9" * n,
    "words": lambda n: "x " * n,
    "dots": lambda n: "a." * n + "@",
    "slashes": lambda n: "a/" * n,
    "wildcards": lambda n: "%_" * n,
}

#: Elements of a text in a query: the web servers take addresses of 4,094 bytes.
QUERY_SIZES = (60, 250)

#: Elements of a text in a body, of which there are many: every field's.
BODY_SIZES = (250, 4_000)

#: Bodies of JSON that grow in other ways than by a long text.
BODIES: dict[str, Callable[[int], str]] = {
    "one key again and again": lambda n: "{" + ", ".join(['"name": 1'] * n) + "}",
    "many keys": lambda n: json.dumps({f"key{i}": i for i in range(n)}),
    "nested lists": lambda n: "[" * n,
    "nested objects": lambda n: '{"specifications": ' * n,
    "a long number": lambda n: '{"max_consumption": ' + "9" * n + "}",
    "a long fraction": lambda n: '{"max_consumption": 0.' + "9" * n + "}",
    "many elements": lambda n: json.dumps({"message_ids": ["same"] * n}),
    "many names": lambda n: json.dumps({"message_ids": [f"name{i}" for i in range(n)]}),
}


@dataclass(frozen=True)
class Operation:
    """A method of a path as the schema describes it."""

    method: str
    path: str
    query: tuple[str, ...]
    required: tuple[str, ...]
    fields: tuple[str, ...]
    takes_json: bool
    summary: str

    def __str__(self) -> str:
        """Return method and path."""
        return f"{self.method.upper()} {self.path}"


def operations() -> Iterator[Operation]:
    """Yield every operation of the service."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    components = schema["components"]["schemas"]
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            query = [each for each in operation.get("parameters", []) if each["in"] == "query"]
            content = operation.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema", {})
            body = components.get(body.get("$ref", "").rpartition("/")[2], body)
            yield Operation(
                method,
                path,
                tuple(each["name"] for each in query),
                tuple(each["name"] for each in query if each.get("required")),
                tuple(body.get("properties", ())),
                not content or "application/json" in content,
                operation.get("summary", ""),
            )


@pytest.mark.timeout(600)
class RouteContract:
    """The contract of every route of a service.

    A service's tests subclass it, with fixtures `client` (an administrator's) and `known`: the
    values of the parameters in paths and of the required ones in queries.
    """

    def test_every_route_answers_the_same_without_its_final_slash(
        self, client: Any, known: dict[str, str]
    ) -> None:
        """Compare the answers of each path with and without its final slash."""
        for operation in operations():
            answers = [
                self._answer(client, operation, known, path)
                for path in self._both_forms(operation, known)
            ]
            assert answers[0][0] not in (301, 302, 307, 308, 404), operation
            assert answers[0] == answers[1], operation

    def test_every_operation_has_a_summary(self) -> None:
        """List the operations of which the API reference shows only the path."""
        assert [str(each) for each in operations() if not each.summary] == []

    def test_an_unknown_path_is_a_problem_in_both_forms(
        self, client: Any, known: dict[str, str]
    ) -> None:
        """Request paths below and beside those of each route."""
        paths = {path for operation in operations() for path in self._both_forms(operation, known)}
        wrong = {f"{path.rstrip('/')}/{end}" for path in paths for end in ("nothing", "nothing/")}
        # A third form would be a path that no rule of the gateway knows.
        wrong |= {f"{path.rstrip('/')}//" for path in paths}
        for path in wrong:
            for method in ("get", "post", "put"):
                answer = getattr(client, method)(path, {}, format="json")
                assert answer.status_code == 404, (method, path)
                assert answer["Content-Type"] == PROBLEM_JSON, (method, path)

    @staticmethod
    def _both_forms(operation: Operation, known: dict[str, str]) -> list[str]:
        path = operation.path.format(**known)
        return [path, path[:-1] if path.endswith("/") else f"{path}/"]

    @staticmethod
    def _answer(
        client: Any, operation: Operation, known: dict[str, str], path: str
    ) -> tuple[int, Any]:
        """Return status and shape of an answer, an error's in full; nothing stays changed."""
        with transaction.atomic():
            if operation.method == "get":
                answer = client.get(path, {name: known[name] for name in operation.required})
            else:
                answer = getattr(client, operation.method)(path, {}, format="json")
            transaction.set_rollback(True)
        if answer.streaming:
            return answer.status_code, b"".join(answer.streaming_content)
        if "json" not in answer.headers.get("Content-Type", ""):
            return answer.status_code, answer.content
        document = answer.json()
        if answer.status_code < 400:
            return answer.status_code, sorted(document)
        return answer.status_code, {**document, "request_id": ""}

    def test_no_value_of_a_query_costs_more_than_its_length_explains(
        self, client: Any, known: dict[str, str]
    ) -> None:
        """Measure requests with growing texts in each parameter."""
        for operation in operations():
            if operation.method != "get":
                continue
            path = operation.path.format(**known)
            required = {name: known[name] for name in operation.required}
            for name in operation.query:
                for kind, text in TEXTS.items():

                    def ask(size: int, name: str = name, text: Callable[[int], str] = text) -> None:
                        client.get(path, {**required, name: text(size)})  # noqa: B023

                    assert_grows_with_its_input(ask, (str(operation), name, kind), QUERY_SIZES)

    def test_no_body_costs_more_than_its_size_explains(
        self, client: Any, known: dict[str, str]
    ) -> None:
        """Measure requests with growing bodies, and with growing texts in each field."""
        for operation in operations():
            if operation.method not in ("post", "put", "patch") or not operation.takes_json:
                continue
            texts = {
                f"{name}: {kind}": (lambda n, name=name, text=text: json.dumps({name: text(n)}))
                for name in operation.fields
                for kind, text in TEXTS.items()
            }
            send = getattr(client, operation.method)
            for kind, body in {**BODIES, **texts}.items():

                def ask(size: int, send: Any = send, body: Callable[[int], str] = body) -> None:
                    send(
                        operation.path.format(**known),  # noqa: B023
                        body(size),
                        content_type="application/json",
                    )

                assert_grows_with_its_input(ask, (str(operation), kind), BODY_SIZES)
