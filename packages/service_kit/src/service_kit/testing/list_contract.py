"""The tests of every list that a service has: of its API, and of Django's admin.

The lists come from the service's own OpenAPI schema and from the admin's registry, so that a new
list is covered, or fails because it has no rows, without a line written for it.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.admin import ModelAdmin, site
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from service_kit.api.errors import PROBLEM_JSON

#: Rows of a page; a list must have a third page.
SIZE = 3
ROWS = 2 * SIZE + 1

#: Cursors of another pagination, and values of every kind that a parameter does not expect.
HOSTILE = (
    *("", " ", "x", "0", "-1", "1e1", "²", "9" * 30, "9" * 5_000, "NaN", "null", "\0", "é" * 300),
    *("cD14", "bz05OTk5OTk5OTk5OSZwPTIwMjA=", "cD0n", "====", "%00", "last", "[]", "{}", "'", '"'),
    *("-", "--name", "pk", "password", "name,role", "owner__password", "2026-13-45", "0001-01-01"),
    urlsafe_b64encode(b"[" * 5_000).decode(),
)
#: Values that are put into a genuine cursor, at each of its places.
FORGED: tuple[object, ...] = (
    *(None, True, -1, 0, 2**63, 10**30, 1.5, "", "x", "\0", "\ud800", [], {}, "9" * 400),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "infinity", "2026-13-45"),
)
#: Places of a cursor: all, and that of the key, whose type depends on the order.
EVERY_PLACE, KEY_PLACE = range(5), range(3, 4)


@dataclass(frozen=True)
class List:
    """A list of the API as the schema describes it."""

    path: str
    parameters: dict[str, dict[str, Any]]
    required: tuple[str, ...]
    columns: dict[str, dict[str, Any]]

    @property
    def orderings(self) -> list[str | None]:
        """The orders that the schema names; None is the default order."""
        return [None, *self.parameters.get("ordering", {}).get("enum", ())]


def lists_of_the_schema() -> list[List]:
    """Return every operation of the service that answers rows in pages."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return list(_lists(schema))


def _lists(schema: dict[str, Any]) -> Iterator[List]:
    components = schema["components"]["schemas"]

    def resolved(part: dict[str, Any]) -> dict[str, Any]:
        name = part.get("$ref", "").rpartition("/")[2]
        return components[name] if name else part

    for path, operations in schema["paths"].items():
        operation = operations.get("get", {})
        content = operation.get("responses", {}).get("200", {}).get("content", {})
        answer = resolved(content.get("application/json", {}).get("schema", {}))
        properties = answer.get("properties", {})
        if "next" not in properties:
            continue
        query = [each for each in operation.get("parameters", []) if each["in"] == "query"]
        yield List(
            path,
            {each["name"]: resolved(each["schema"]) for each in query},
            tuple(each["name"] for each in query if each.get("required")),
            resolved(properties["results"]["items"])["properties"],
        )


@pytest.mark.timeout(600)
class ListContract:
    """The contract of every list of a service.

    A service's tests subclass it, with fixtures `client` (an administrator's), `inside` (an
    administrator's browser in Django's admin) and `crowd`: it makes at least `ROWS` rows for each
    list, some equal and some without a value in each column that a list is ordered by, and returns
    the values of the parameters that lists require.
    """

    #: Columns in which no two rows can be equal.
    UNIQUE: frozenset[str] = frozenset()

    def test_every_order_of_every_list_shows_each_row_once(
        self, client: Any, crowd: dict[str, str]
    ) -> None:
        """Compare the pages of each list, in each direction, with one large page."""
        lists = lists_of_the_schema()
        assert lists

        for listing in lists:
            rows: Counter[str] = Counter()
            for ordering in listing.orderings:
                whole = self._whole(client, listing, crowd, ordering)
                rows = rows or Counter(whole)
                assert Counter(whole) == rows, (listing.path, ordering)
                for way, pages in self._walks(client, listing, crowd, ordering):
                    assert pages == whole, (listing.path, ordering, way)

    def _whole(
        self, client: Any, listing: List, crowd: dict[str, str], ordering: str | None
    ) -> list[str]:
        """Return the rows of one large page; it must be able to show a fault."""
        page = _get(client, listing, crowd, ordering, page_size=200)
        rows = page["results"]
        assert page["next"] is None, f"{listing.path}: `crowd` makes too many rows"
        assert ROWS <= len(rows) == page.get("count", len(rows)), f"{listing.path}: too few rows"
        column = (ordering or "").removeprefix("-")
        if column and column not in self.UNIQUE:
            values = [row[column] for row in rows]
            assert len(set(values)) < len(values), (
                f"{listing.path}: no two rows with an equal {column}"
            )
            if listing.columns[column].get("nullable"):
                assert None in values and {None} < set(values), (
                    f"{listing.path}: no {column} is null"
                )
        return [_text(row) for row in rows]

    def _walks(
        self, client: Any, listing: List, crowd: dict[str, str], ordering: str | None
    ) -> Iterator[tuple[str, list[str]]]:
        first = _get(client, listing, crowd, ordering, page_size=SIZE)
        forward = _follow(client, first, "next")
        yield "next", _rows(forward)
        yield "previous", _rows(_follow(client, forward[-1], "previous")[::-1])
        if "page" in listing.parameters:
            numbers = [*range(1, len(forward) + 1)]
            pages = [
                _get(client, listing, crowd, ordering, page_size=SIZE, page=n) for n in numbers
            ]
            yield "page", _rows(pages)
            last = _get(client, listing, crowd, ordering, page_size=SIZE, page="last")
            yield "last", _rows(_follow(client, last, "previous")[::-1])

    def test_no_parameter_of_a_list_causes_a_server_error(
        self, client: Any, crowd: dict[str, str]
    ) -> None:
        """Send invalid values of each parameter, and forged cursors."""
        for listing in lists_of_the_schema():
            for name in {*listing.parameters, "page", "cursor", "page_size", "ordering", "format"}:
                for value in HOSTILE:
                    self._is_answered(client, listing, crowd, {name: value})
            for ordering in listing.orderings:
                order = {} if ordering is None else {"ordering": ordering}
                link = _get(client, listing, crowd, ordering, page_size=SIZE)["next"]
                cursor = parse_qs(urlsplit(link).query)["cursor"][0]
                places = EVERY_PLACE if ordering is None else KEY_PLACE
                for forged in _forgeries(cursor, places):
                    self._is_answered(client, listing, crowd, {"cursor": forged, **order})

    @staticmethod
    def _is_answered(
        client: Any, listing: List, crowd: dict[str, str], query: dict[str, str]
    ) -> None:
        required = {name: crowd[name] for name in listing.required}
        answer = client.get(listing.path.format(**crowd), {**required, **query})
        assert answer.status_code < 500, (listing.path, query)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == PROBLEM_JSON, (listing.path, query)

    def test_every_order_of_every_admin_list_shows_each_row_once(
        self, inside: Client, crowd: dict[str, str], monkeypatch: Any
    ) -> None:
        """Compare the pages of each list of the admin with all its rows."""
        monkeypatch.setattr("service_kit.adminsite.model_admins.ServiceAdmin.list_per_page", SIZE)
        for model, admin in site._registry.items():
            path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            for order in _admin_orders(admin):
                keys = list(_admin_rows(inside, path, order))
                assert len(keys) >= ROWS, f"{path}: too few rows"
                assert len(set(keys)) == len(keys), (path, order)
                assert set(keys) == set(_all_keys(admin)), (path, order)


def _get(
    client: Any, listing: List, crowd: dict[str, str], ordering: str | None, **query: object
) -> dict[str, Any]:
    required = {name: crowd[name] for name in listing.required}
    order = {} if ordering is None else {"ordering": ordering}
    answer = client.get(listing.path.format(**crowd), {**required, **order, **query})
    assert answer.status_code == 200, (listing.path, answer.content)
    return dict(answer.json())


def _follow(client: Any, page: dict[str, Any], link: str) -> list[dict[str, Any]]:
    pages = [page]
    while pages[-1][link]:
        assert len(pages) < 200, f"the links {link} do not end"
        pages.append(client.get(pages[-1][link]).json())
    return pages


def _rows(pages: list[dict[str, Any]]) -> list[str]:
    return [_text(row) for page in pages for row in page["results"]]


def _text(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def _forgeries(cursor: str, places: range) -> Iterator[str]:
    parts = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for place in places:
        for value in FORGED:
            forged = [*parts[:place], value, *parts[place + 1 :]]
            yield urlsafe_b64encode(json.dumps(forged).encode()).decode()
    yield urlsafe_b64encode(json.dumps(parts[:-1]).encode()).decode()


def _admin_orders(admin: ModelAdmin[Any]) -> list[str]:
    columns = range(1, len(admin.list_display) + 1)
    return ["", *(f"{sign}{column}" for column in columns for sign in ("", "-"))]


def _admin_rows(inside: Client, path: str, order: str) -> Iterator[Any]:
    page, pages = 1, 1
    while page <= pages:
        query: dict[str, str | int] = {"p": page, **({"o": order} if order else {})}
        answer: Any = inside.get(path, query)
        assert answer.status_code == 200, (path, order)
        changes = answer.context_data["cl"]
        pages = changes.paginator.num_pages
        yield from (row.pk for row in changes.result_list)
        page += 1


def _all_keys(admin: ModelAdmin[Any]) -> list[Any]:
    request: Any = None
    return list(admin.get_queryset(request).values_list("pk", flat=True))
