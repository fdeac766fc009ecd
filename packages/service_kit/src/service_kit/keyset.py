"""Lists as `{"count", "next", "previous", "results"}` whose pages all cost the same.

A page is found by the key of the row before it, which `next` and `previous` carry as a cursor
beside the page's number. A number alone is answered too: counted from the nearer end of the list.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import BooleanField, Expression, F, Field, Func, Model, QuerySet, Value
from django.db.models.expressions import OrderBy
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

Row = TypeVar("Row", bound=Model)

#: Rows of a page that is asked for without a size, and the most that may be asked for.
PAGE_SIZE = 50
MAX_PAGE_SIZE = 200

#: Rows before a page from which on it is found in two steps, see `_slice`.
FAR = 1_000


class _Beyond(Func):
    """`(key, id) > (%s, %s)` as one comparison: an index is entered at the row, not before its key.

    Written as "greater, or equal and …" it would walk all rows of an equal key, a hundred thousand
    devices in stock for one.
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
class Ordering:
    """The order of a list: by `expression` of the field `field`, equal ones by primary key.

    `field` must not be null. `name` is how a request asks for it.
    """

    name: str
    field: str
    expression: Expression | F
    descending: bool = False


@dataclass(frozen=True)
class _Cursor:
    """The row next to a page, and on which side of it the page lies."""

    ordering: str
    page: int
    after: bool
    key: str
    id: str

    def encode(self) -> str:
        text = json.dumps([self.ordering, self.page, self.after, self.key, self.id])
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> _Cursor:
        """Raises ValueError."""
        found = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(found, list) or [type(one) for one in found] != [
            str,
            int,
            bool,
            str,
            str,
        ]:
            raise ValueError("not a cursor")
        return cls(*found)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows and the links to the pages beside them."""

    count: int
    next: str | None
    previous: str | None
    rows: list[Row]


def page_of(
    rows: QuerySet[Row], request: Request, ordering: Ordering, count: Callable[[], int]
) -> Page[Row]:
    """The page of `rows` that the request asks for. Raises NotFound for one beyond the last.

    `count` is asked once for the number of rows; it may remember it.
    """
    return _Reader(rows, request, ordering, count()).page()


class _Reader(Generic[Row]):
    def __init__(
        self, rows: QuerySet[Row], request: Request, ordering: Ordering, count: int
    ) -> None:
        key = ordering.expression
        self._rows = rows.annotate(keyset_key=key)
        up_order, down_order = (key.asc(), F("pk").asc()), (key.desc(), F("pk").desc())
        self._forward, self._backward = (
            (down_order, up_order) if ordering.descending else (up_order, down_order)
        )
        self._request = request
        self._ordering = ordering
        self._count = count
        self._size = _positive(request, "page_size", MAX_PAGE_SIZE) or PAGE_SIZE

    def page(self) -> Page[Row]:
        if self._request.query_params.get("page") == "last":
            return self._numbered(max(-(-self._count // self._size), 1))
        number = _positive(self._request, "page", None)
        text = self._request.query_params.get("cursor")
        if text:
            cursor = self._cursor(text)
            # A reader who changed the number in a link means the number.
            if number is None or number == cursor.page:
                return self._beside(cursor)
        return self._numbered(number or 1)

    def _numbered(self, number: int) -> Page[Row]:
        begin = (number - 1) * self._size
        end = min(begin + self._size, self._count)
        if begin >= self._count and number > 1:
            raise NotFound
        if begin <= self._count - end:
            found = self._slice(self._forward, begin, end)
        else:
            found = self._slice(self._backward, self._count - end, self._count - begin)[::-1]
        return self._linked(found, number, before=number > 1, after=end < self._count)

    def _slice(self, order: tuple[OrderBy, OrderBy], begin: int, end: int) -> list[Row]:
        rows = self._rows.order_by(*order)
        if begin <= FAR:
            return list(rows[begin:end])
        # Counted off in the index alone; only the page's own rows are fetched.
        return list(rows.filter(pk__in=rows.values("pk")[begin:end]))

    def _beside(self, cursor: _Cursor) -> Page[Row]:
        try:
            meta = self._rows.model._meta
            field: Field[Any, Any] = meta.get_field(self._ordering.field)  # type: ignore[assignment]
            key = Value(field.to_python(cursor.key), output_field=field)
            identity = Value(meta.pk.clean(cursor.id, None), output_field=meta.pk)
        except InvalidValue as error:
            raise _not_a_cursor() from error
        greater = cursor.after is not self._ordering.descending
        beyond = _Beyond(
            self._ordering.expression, F("pk"), key, identity, operator=">" if greater else "<"
        )
        order = self._forward if cursor.after else self._backward
        found = list(self._rows.filter(beyond).order_by(*order)[: self._size + 1])
        more = len(found) > self._size
        found = found[: self._size]
        if cursor.after:
            return self._linked(found, cursor.page, before=True, after=more)
        # Rows that came before the first since the link was made belong to page 1 as well.
        number = max(cursor.page, 2) if more else 1
        return self._linked(found[::-1], number, before=more, after=True)

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
        text = key.isoformat() if isinstance(key, datetime) else str(key)
        cursor = _Cursor(self._ordering.name, number, after, text, str(row.pk))
        return replace_query_param(
            replace_query_param(url, "page", number), "cursor", cursor.encode()
        )

    def _cursor(self, text: str) -> _Cursor:
        try:
            cursor = _Cursor.decode(text)
            # What a database text cannot hold was not written by us.
            f"{cursor.key}{cursor.id}".encode()
        except (ValueError, TypeError, RecursionError) as error:
            raise _not_a_cursor() from error
        if cursor.ordering != self._ordering.name or "\0" in cursor.key or cursor.page < 1:
            raise _not_a_cursor()
        return cursor


def _not_a_cursor() -> ValidationError:
    return ValidationError({"cursor": ["This is not a cursor of this list in this order."]})


def _positive(request: Request, name: str, most: int | None) -> int | None:
    """A number of the query, None when there is none. Raises NotFound for a page that cannot be."""
    text = request.query_params.get(name)
    if text is None:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if number < 1:
        # Of a size we take what we can, as ever; a page that cannot be is not there.
        if most is None:
            raise NotFound
        return None
    return number if most is None else min(number, most)
