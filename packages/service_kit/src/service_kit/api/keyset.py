"""The pagination of every list: pages `{"count", "next", "previous", "results"}` of equal cost.

A view sorts its rows with `Ordering.sort` and pages them with `KeysetPagination`, the default
pagination class of all services. Every order ends in a key that no two rows share: without one,
rows of equal keys change places between two pages, and are repeated or lost.

A page is located by the key of the row before it, which `next` and `previous` carry as a cursor
beside the page's number. A number without a cursor is accepted too: the rows are counted from the
nearer end of the list.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import BooleanField, F, Field, Func, Model, Q, QuerySet, Value
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from service_kit.api.ordering import Ordering

Row = TypeVar("Row", bound=Model)

#: Rows of a page for a request without `page_size`, and the largest accepted `page_size`.
PAGE_SIZE = 50
MAX_PAGE_SIZE = 200

#: Rows before a page from which on its rows are selected in two steps, see `_PageReader._slice`.
FAR = 1_000


class _Beyond(Func):
    """`(key, id) > (%s, %s)` as one comparison, so that an index scan starts at the row.

    The equivalent "key greater, or key equal and id greater" would start at the first row of the
    equal key and walk all of its rows, for example a hundred thousand devices in stock.
    """

    arity = 4
    conditional = True
    output_field = BooleanField()

    def __init__(self, *expressions: Any, operator: str) -> None:
        super().__init__(*expressions, template="%(expressions)s", operator=operator)

    def as_sql(
        self,
        compiler: Any,
        connection: Any,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **extra_context: Any,
    ) -> Any:
        """Return the comparison of the two rows as SQL, and its parameters."""
        parts: list[str] = []
        parameters: list[Any] = []
        for expression in self.get_source_expressions():
            sql, values = compiler.compile(expression)
            parts.append(sql)
            parameters += values
        key, identity, key_value, id_value = parts
        operator = self.extra["operator"]
        return f"({key}, {identity}) {operator} ({key_value}, {id_value})", parameters


@dataclass(frozen=True)
class _Cursor:
    """The row beside a page, and the side of that row on which the page begins.

    `key` is None for a row without a value.
    """

    ordering: str
    page: int
    after: bool
    key: str | None
    id: str

    def encode(self) -> str:
        text = json.dumps([self.ordering, self.page, self.after, self.key, self.id])
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> _Cursor:
        """Return the cursor of a text that `encode` made. Raises ValueError for any other text."""
        values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        types = [type(value) for value in values] if isinstance(values, list) else []
        if types not in ([str, int, bool, str, str], [str, int, bool, type(None), str]):
            raise ValueError("not a cursor")
        return cls(*values)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows and the links to the pages beside them; `count` is None in lists without a count."""

    count: int | None
    next: str | None
    previous: str | None
    rows: list[Row]

    def answer(self, results: Any) -> dict[str, Any]:
        """Return the body of the list's answer; `results` are the rows as JSON values."""
        count = {} if self.count is None else {"count": self.count}
        return {**count, "next": self.next, "previous": self.previous, "results": results}


class KeysetPagination(BasePagination):
    """Pages of rows that `Ordering.sort` has sorted; a view has one instance for each request."""

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    #: Whether answers hold the number of all rows. Without it a page cannot be chosen by number.
    is_counted = True

    def get_count(self, queryset: QuerySet[Any]) -> int:
        """Return the number of rows of the list. A subclass may cache it."""
        return queryset.count()

    def paginate_queryset(self, queryset: Any, request: Request, view: object = None) -> list[Any]:
        """Return the rows of the requested page.

        Raises NotFound for a page number that is none or beyond the last page, ValidationError for
        a wrong cursor.
        """
        size = _positive(request, "page_size", self.max_page_size) or self.page_size
        count = self.get_count(queryset) if self.is_counted else None
        page = _PageReader(queryset, request, count, size).page()
        self._page: Page[Any] = page
        return page.rows

    def get_paginated_response(self, data: Any) -> Response:
        """Return the answer that holds `data`, the rows of the page as JSON values."""
        return Response(self._page.answer(data))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the OpenAPI schema of an answer whose rows have `schema`."""
        link = {"type": "string", "format": "uri", "nullable": True}
        count = {"count": {"type": "integer"}} if self.is_counted else {}
        properties = {**count, "next": link, "previous": link, "results": schema}
        return {"type": "object", "properties": properties, "required": [*properties]}

    def get_schema_operation_parameters(self, view: object) -> list[dict[str, Any]]:
        """Return the OpenAPI description of the parameters that choose a page."""
        page = _parameter("page", "string", "A page's number from 1 on, or `last`.")
        rows = f"Rows of a page: {self.page_size} without it, at most {self.max_page_size}."
        beside = "From a link `next` or `previous`, not to be made by hand."
        return [
            *([page] if self.is_counted else []),
            _parameter("page_size", "integer", rows),
            _parameter("cursor", "string", beside),
        ]


def _parameter(name: str, kind: str, description: str) -> dict[str, Any]:
    schema = {"type": kind}
    return {"name": name, "in": "query", "schema": schema, "description": description}


class _PageReader(Generic[Row]):
    """Reads one page from the database; `size` is the number of its rows."""

    def __init__(self, rows: QuerySet[Row], request: Request, count: int | None, size: int) -> None:
        self._ordering = Ordering.of(rows)
        self._rows = cast("QuerySet[Row]", rows.annotate(keyset_key=self._ordering.expression))
        self._request = request
        self._count = count
        self._size = size

    def page(self) -> Page[Row]:
        text = self._request.query_params.get("cursor")
        cursor = self._cursor(text) if text else None
        if self._count is None:
            return self._first() if cursor is None else self._beside(cursor)
        if self._request.query_params.get("page") == "last":
            return self._numbered(max(-(-self._count // self._size), 1), self._count)
        number = _positive(self._request, "page", None)
        # The number wins over the cursor: a reader has edited the number in a link.
        if cursor is not None and number in (None, cursor.page):
            return self._beside(cursor)
        return self._numbered(number or 1, self._count)

    def _first(self) -> Page[Row]:
        rows = list(self._ordering.sort(self._rows)[: self._size + 1])
        return self._linked(rows[: self._size], 1, before=False, after=len(rows) > self._size)

    def _numbered(self, number: int, count: int) -> Page[Row]:
        begin = (number - 1) * self._size
        end = min(begin + self._size, count)
        if begin >= count and number > 1:
            raise NotFound
        if begin <= count - end:
            rows = self._slice(begin, end)
        else:
            rows = self._slice(count - end, count - begin, backward=True)[::-1]
        return self._linked(rows, number, before=number > 1, after=end < count)

    def _slice(self, begin: int, end: int, *, backward: bool = False) -> list[Row]:
        rows = self._ordering.sort(self._rows, backward=backward)
        if begin <= FAR:
            return list(rows[begin:end])
        # The index alone counts off the rows before; only the page's own rows are fetched.
        return list(rows.filter(pk__in=rows.values("pk")[begin:end]))

    def _beside(self, cursor: _Cursor) -> Page[Row]:
        rows = self._ordering.sort(
            self._rows.filter(self._beyond(cursor)), backward=not cursor.after
        )
        page = list(rows[: self._size + 1])
        more = len(page) > self._size
        page = page[: self._size]
        if cursor.after:
            return self._linked(page, cursor.page, before=True, after=more)
        # Rows that were added before the first one after the link was made belong to page 1 too.
        number = max(cursor.page, 2) if more else 1
        return self._linked(page[::-1], number, before=more, after=True)

    def _beyond(self, cursor: _Cursor) -> Q:
        """Return the condition of the rows on the cursor's side of its row.

        Rows without a value are greater than all others. Raises ValidationError.
        """
        meta, field = self._rows.model._meta, self._field
        greater = cursor.after is not self._ordering.descending
        side = "gt" if greater else "lt"
        try:
            if self._ordering.is_unique:
                return Q(**{f"keyset_key__{side}": field.to_python(cursor.key)})
            identity = meta.pk.clean(cursor.id, None)
            if cursor.key is None:
                equal = Q(**{"keyset_key": None, f"pk__{side}": identity})
                return equal if greater else equal | Q(keyset_key__isnull=False)
            key = Value(field.to_python(cursor.key), output_field=field)
        except InvalidValue as error:
            raise _not_a_cursor() from error
        beyond = Q(
            _Beyond(
                self._ordering.expression,
                F("pk"),
                key,
                Value(identity, output_field=meta.pk),
                operator=">" if greater else "<",
            )
        )
        return beyond | Q(keyset_key=None) if greater and self._is_nullable else beyond

    @property
    def _field(self) -> Field[Any, Any]:
        """Return the field that orders the rows: of the table, or of an annotation."""
        annotation = self._rows.query.annotations.get(self._ordering.field)
        if annotation is not None:
            return annotation.output_field
        return cast("Field[Any, Any]", self._rows.model._meta.get_field(self._ordering.field))

    @property
    def _is_nullable(self) -> bool:
        """Return whether rows may lack the value; of an annotation they may."""
        return self._ordering.field in self._rows.query.annotations or self._field.null

    def _linked(self, rows: list[Row], number: int, *, before: bool, after: bool) -> Page[Row]:
        return Page(
            self._count,
            self._link(number + 1, after=True, row=rows[-1]) if after and rows else None,
            self._link(number - 1, after=False, row=rows[0]) if before and rows else None,
            rows,
        )

    def _link(self, number: int, *, after: bool, row: Row) -> str:
        url = self._request.build_absolute_uri()
        if number <= 1 and not after:
            return remove_query_param(remove_query_param(url, "page"), "cursor")
        key = row.keyset_key  # type: ignore[attr-defined]
        text = key.isoformat() if isinstance(key, datetime) else key if key is None else str(key)
        identity = "" if self._ordering.is_unique else str(row.pk)
        cursor = _Cursor(self._ordering.name, number, after, text, identity)
        if self._count is not None:
            url = replace_query_param(url, "page", number)
        return replace_query_param(url, "cursor", cursor.encode())

    def _cursor(self, text: str) -> _Cursor:
        try:
            cursor = _Cursor.decode(text)
            # `_link` writes no text that the database cannot store, for example a lone surrogate.
            f"{cursor.key}{cursor.id}".encode()
        except (ValueError, TypeError, RecursionError) as error:
            raise _not_a_cursor() from error
        if cursor.ordering != self._ordering.name or "\0" in f"{cursor.key}" or cursor.page < 1:
            raise _not_a_cursor()
        if cursor.key is None and not self._is_nullable:
            raise _not_a_cursor()
        return cursor


def _not_a_cursor() -> ValidationError:
    return ValidationError({"cursor": ["This is not a cursor of this list in this order."]})


def _positive(request: Request, name: str, maximum: int | None) -> int | None:
    """Return a number of the query, None without one.

    An invalid page size counts as missing. Raises NotFound for an invalid page number.
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    if number < 1:
        if maximum is None:
            raise NotFound
        return None
    return number if maximum is None else min(number, maximum)
