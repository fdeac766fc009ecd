"""Base classes for models in the admin: only services write them, and Django keeps no log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from rest_framework.exceptions import APIException

#: Rows that a list counts: beyond that the number costs more than it is worth.
MAX_COUNTED = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most MAX_COUNTED rows."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, at most MAX_COUNTED."""
        rows: Any = self.object_list
        return int(rows[:MAX_COUNTED].count())


class ServiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A model whose `save_model` and `delete_model` call the app's services.

    A rejection by the services is shown as a message. Django's own log is not written: it
    knows only its own users, and the services record the changes with their actors.
    """

    change_form_template = "kit_admin/change_form.html"
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 404: the services keep the history."""
        raise Http404

    def log_addition(self, *args: Any) -> Any:
        """Write no entry of Django."""
        return None

    def log_change(self, *args: Any) -> Any:
        """Write no entry of Django."""
        return None

    def log_deletions(self, *args: Any) -> Any:
        """Write no entry of Django."""
        return None

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the form; a rejection becomes a message."""
        return self._explained(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the deletion; a rejection becomes a message."""
        return self._explained(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the list; a rejection becomes a message."""
        return self._explained(request, super().changelist_view, *args, **kwargs)

    def _explained(
        self, request: HttpRequest, view: Any, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        try:
            answer: HttpResponseBase = view(request, *args, **kwargs)
        except APIException as error:
            messages.error(request, _sentence(error.detail))
            return redirect(request.get_full_path())
        return answer


class ReadOnlyAdmin(ServiceAdmin):
    """A model without changes: a copy of another service's data, a ledger, an audit log."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return False."""
        return False


def _sentence(detail: Any) -> str:
    if isinstance(detail, dict):
        return " ".join(_sentence(part) for part in detail.values())
    if isinstance(detail, list):
        return " ".join(_sentence(part) for part in detail)
    return str(detail)
