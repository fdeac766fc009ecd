"""The tests of the number of database queries of every route of a service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from service_kit.testing.route_contract import operations


class QueryContract:
    """Each route needs exactly the number of queries that is committed for it.

    A service's tests subclass it, with the fixtures `client` (an administrator's), `known` (the
    values of the placeholders in request lines) and `bodies` (JSON values, or a CSV file as str, by
    request line). `known` must create several rows of everything that a route lists: then a query
    for each row exceeds the number.
    """

    #: A JSON file: the number of queries by request line, for example "GET /api/devices/?page=2".
    COUNTS: ClassVar[Path]
    #: Operations that the same code answers as another one, without a number of their own.
    EQUIVALENT: ClassVar[frozenset[str]] = frozenset()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run the test of one route once for each line of the file."""
        if "request_line" in metafunc.fixturenames:
            metafunc.parametrize("request_line", json.loads(self.COUNTS.read_text()))

    def test_a_route_needs_exactly_its_number_of_queries(
        self, client: Any, known: dict[str, str], bodies: dict[str, Any], request_line: str
    ) -> None:
        """Begin and end of a transaction are not counted."""
        method, path = request_line.split(" ", 1)
        body = bodies.get(request_line)
        content = {"content_type": "text/csv"} if isinstance(body, str) else {"format": "json"}
        options = {} if body is None else {"data": body, **content}

        with CaptureQueriesContext(connection) as queries:
            answer = getattr(client, method.lower())(path.format(**known), **options)
            if answer.streaming:
                b"".join(answer.streaming_content)

        assert answer.status_code < 300, answer.content
        statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
        expected = json.loads(self.COUNTS.read_text())[request_line]
        problem = f"{request_line}: {len(statements)} queries instead of {expected}"
        assert len(statements) == expected, "\n".join([problem, *statements])

    def test_every_route_has_a_number_of_queries(self) -> None:
        """Compare the file with the routes of the OpenAPI schema."""
        counted = {line.split("?")[0] for line in json.loads(self.COUNTS.read_text())}
        routes = {str(operation) for operation in operations()} - self.EQUIVALENT

        assert routes == counted, f"only one of both has {sorted(routes ^ counted)}"
