"""Lists as `{"count", "next", "previous", "results"}` whose pages all cost the same.

Every list of the services is paged here, so that every order ends in a key no two rows share:
without one, rows of equal keys change places between two pages, and are repeated or lost.

A page is located by the key of the row before it, which `next` and `previous` carry as a cursor
beside the page's number. A number alone is answered too: counted from the nearer end of the list.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import BooleanField, Expression, F, Field, Func, Model, Q, QuerySet, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower
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
    """The order of a list: by `expression` of the field `field`, rows equal in it by primary key.

    `name` is how a request asks for it. Rows without a value come last, in descending order first.
    `is_unique` says that no two rows of the list are equal in the field.
    """

    name: str
    field: str
    expression: Expression | F
    descending: bool = False
    is_unique: bool = False

    @classmethod
    def by(cls, name: str, caseless: Collection[str] = ()) -> Ordering:
        """Return the order by the field `name`, "-" before it for descending.

        Letters' case does not count in the fields of `caseless`.
        """
        field = name.removeprefix("-")
        key = Lower(field) if field in caseless else F(field)
        return cls(name, field, key, descending=name.startswith("-"))

    def sort(self, rows: QuerySet[Row], *, backward: bool = False) -> QuerySet[Row]:
        """Return `rows` in this order, or in the opposite one."""
        keys = [self.expression] if self.is_unique else [self.expression, F("pk")]
        descending = self.descending is not backward
        # PostgreSQL's own places for rows without a value, which indexes are built for.
        order = [OrderBy(key, descending=descending) for key in keys]
        return rows.order_by(*order)


def both_ways(fields: Iterable[str]) -> list[str]:
    """Return the names of the orders by each of `fields`, ascending ones first."""
    names = list(fields)
    return [*names, *(f"-{name}" for name in names)]


@dataclass(frozen=True)
class _Cursor:
    """The row next to a page, and on which side of it the page lies; `key` None: no value."""

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
        """Raises ValueError."""
        values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        types = [type(value) for value in values] if isinstance(values, list) else []
        if types not in ([str, int, bool, str, str], [str, int, bool, type(None), str]):
            raise ValueError("not a cursor")
        return cls(*values)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows and the links to the pages beside them; `count` None in lists that are not counted."""

    count: int | None
    next: str | None
    previous: str | None
    rows: list[Row]

    def answer(self, results: Any) -> dict[str, Any]:
        """Return the page as a list's answer, `results` being its rows as JSON."""
        count = {} if self.count is None else {"count": self.count}
        return {**count, "next": self.next, "previous": self.previous, "results": results}


def page_of(
    rows: QuerySet[Row],
    request: Request,
    ordering: Ordering,
    count: Callable[[], int] | None,
    *,
    page_size: int = PAGE_SIZE,
    max_page_size: int = MAX_PAGE_SIZE,
) -> Page[Row]:
    """Return the page of `rows` that the request asks for. Raises NotFound for one beyond the last.

    `count` is asked once for the number of rows; it may remember it. A list without it knows only
    the pages beside each other: a number cannot be asked for.
    """
    size = _positive(request, "page_size", max_page_size) or page_size
    return _Reader(rows, request, ordering, None if count is None else count(), size).page()


class _Reader(Generic[Row]):
    def __init__(
        self,
        rows: QuerySet[Row],
        request: Request,
        ordering: Ordering,
        count: int | None,
        size: int,
    ) -> None:
        self._rows = cast("QuerySet[Row]", rows.annotate(keyset_key=ordering.expression))
        self._request = request
        self._ordering = ordering
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
        # A reader who changed the number in a link means the number.
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
        # Counted off in the index alone; only the page's own rows are fetched.
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
        # Rows that came before the first since the link was made belong to page 1 as well.
        number = max(cursor.page, 2) if more else 1
        return self._linked(page[::-1], number, before=more, after=True)

    def _beyond(self, cursor: _Cursor) -> Q:
        """Return the condition of the rows on the cursor's side of its row.

        Rows without a value are greater than all others. Raises ValidationError.
        """
        meta = self._rows.model._meta
        field: Field[Any, Any] = meta.get_field(self._ordering.field)  # type: ignore[assignment]
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
        return beyond | Q(keyset_key=None) if greater and field.null else beyond

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
            # A text that no database can hold was not written by `_link`.
            f"{cursor.key}{cursor.id}".encode()
        except (ValueError, TypeError, RecursionError) as error:
            raise _not_a_cursor() from error
        if cursor.ordering != self._ordering.name or "\0" in f"{cursor.key}" or cursor.page < 1:
            raise _not_a_cursor()
        if cursor.key is None and not self._rows.model._meta.get_field(self._ordering.field).null:
            raise _not_a_cursor()
        return cursor


def _not_a_cursor() -> ValidationError:
    return ValidationError({"cursor": ["This is not a cursor of this list in this order."]})


def _positive(request: Request, name: str, most: int | None) -> int | None:
    """A number of the query, None when there is none. Raises NotFound for a page that cannot be."""
    text = request.query_params.get(name)
    if text is None:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    if number < 1:
        # Of a size we take what we can, as ever; a page that cannot be is not there.
        if most is None:
            raise NotFound
        return None
    return number if most is None else min(number, most)
