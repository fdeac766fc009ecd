"""The order of a list: the orders that a request may choose, and the sorting of the rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.db.models import Expression, F, Model, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower
from rest_framework.serializers import ChoiceField

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Ordering:
    """The order of a list: by one field, and by primary key among rows of an equal value.

    Rows without a value come last, in descending order first. `is_unique` states that no two rows
    of the list have an equal value, so that the primary key is not needed.
    """

    field: str
    descending: bool = False
    ignores_case: bool = False
    is_unique: bool = False

    @classmethod
    def by(cls, name: str, *, caseless: Collection[str] = (), is_unique: bool = False) -> Ordering:
        """Return the order by the field `name`; a leading "-" makes it descending.

        The case of letters does not count in the fields of `caseless`.
        """
        field = name.removeprefix("-")
        return cls(field, name.startswith("-"), field in caseless, is_unique)

    @classmethod
    def of(cls, rows: QuerySet[Any]) -> Ordering:
        """Return the order that `sort` gave to `rows`. Raises TypeError for other rows."""
        keys = rows.query.order_by
        if not keys or not isinstance(keys[0], OrderBy):
            raise TypeError(f"{rows.model.__name__} rows are not sorted by Ordering.sort")
        key: Any = keys[0].expression
        ignores_case = isinstance(key, Lower)
        field = key.get_source_expressions()[0] if ignores_case else key
        return cls(field.name, keys[0].descending, ignores_case, is_unique=len(keys) == 1)

    @property
    def name(self) -> str:
        """Return the name by which a request chooses this order."""
        return f"-{self.field}" if self.descending else self.field

    @property
    def expression(self) -> Expression | F:
        """Return the expression whose value orders the rows."""
        return Lower(self.field) if self.ignores_case else F(self.field)

    def sort(self, rows: QuerySet[Row], *, backward: bool = False) -> QuerySet[Row]:
        """Return `rows` in this order, or in the opposite one."""
        keys = [self.expression] if self.is_unique else [self.expression, F("pk")]
        descending = self.descending is not backward
        # Without NULLS FIRST or LAST: the indexes have PostgreSQL's own places for NULL.
        order = [OrderBy(key, descending=descending) for key in keys]
        return rows.order_by(*order)


class OrderingField(ChoiceField):
    """The parameter `ordering` of a query serializer; its value is an `Ordering`."""

    def __init__(
        self, fields: Iterable[str], *, default: str, caseless: Collection[str] = ()
    ) -> None:
        """Keep the orders that a list offers."""
        self._caseless = caseless
        super().__init__(choices=both_ways(fields), default=cast(Any, self._ordering(default)))

    def to_internal_value(self, data: Any) -> Any:
        """Return the `Ordering` of the name `data`. Raises ValidationError for an unknown name."""
        return self._ordering(super().to_internal_value(data))

    def to_representation(self, value: Any) -> str:
        """Return the name of an `Ordering`, for the OpenAPI schema."""
        return str(value.name)

    def _ordering(self, name: str) -> Ordering:
        return Ordering.by(name, caseless=self._caseless)


def both_ways(fields: Iterable[str]) -> list[str]:
    """Return the names of the orders by each of `fields`, ascending ones first."""
    names = list(fields)
    return [*names, *(f"-{name}" for name in names)]
