"""Lists in pages: `{"count", "next", "previous", "results"}`."""

from __future__ import annotations

from rest_framework import pagination


class PageNumberPagination(pagination.PageNumberPagination):
    """Pages of 50, at most 200 rows."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
