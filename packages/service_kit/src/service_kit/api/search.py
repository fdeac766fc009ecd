"""The parameter `search` of lists."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar, cast

from django.db.models import Model, Q, QuerySet
from rest_framework.filters import search_smart_split

Row = TypeVar("Row", bound=Model)


def rows_matching(
    rows: QuerySet[Row],
    search: str,
    *,
    fields: Collection[str],
    elsewhere: Callable[[str], Q] | None = None,
) -> QuerySet[Row]:
    """Return the rows that hold each word of `search` in at least one of the text `fields`.

    `elsewhere` returns the condition of rows that hold a word in rows of another table.

    The case of letters does not count. Words are separated by blanks and commas; words in quotes
    are one.
    """
    # One `filter` for all words: a chain of thousands would copy its query for each of them.
    return rows.filter(
        *(
            Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR)
            | (elsewhere(word) if elsewhere else Q())
            for word in _words(search)
        )
    )


def _words(search: str) -> list[str]:
    return list(cast(Any, search_smart_split)(search))
