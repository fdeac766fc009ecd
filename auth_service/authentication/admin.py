"""Accounts in Django's admin; the app's services write them. The logs are read-only."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from authentication.accounts.fields import MAX_PASSWORD_LENGTH
from authentication.accounts.selectors import user_list
from authentication.accounts.serializers import PROFILE
from authentication.accounts.services import UserChanges, user_create, user_delete, user_update
from authentication.models import RefreshFamily, SecurityEvent, User
from service_kit.adminsite.model_admins import ReadOnlyAdmin, ServiceAdmin
from service_kit.adminsite.session import AdminUser


def acting_admin(request: HttpRequest) -> User:
    """Return the administrator who sent the request."""
    return cast(User, cast(AdminUser, request.user).principal)


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """The page of one account."""

    password = forms.CharField(
        max_length=MAX_PASSWORD_LENGTH,
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="A new one ends the user's sessions; leave it empty to keep the present one.",
    )

    class Meta:
        """The fields, in the order of the page."""

        model = User
        fields = ("username", "password", *PROFILE, "role", "is_active")


@admin.register(User)
class UserAdmin(ServiceAdmin):
    """List and pages of accounts."""

    form = UserForm
    list_display = ("username", "email", "first_name", "last_name", "role", "is_active")
    list_filter = ("role", "is_active", "created_at")
    search_fields = ("username", "email", "first_name", "last_name", "phone")
    ordering = ("username",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return all accounts that are not deleted."""
        return user_list()

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Return the fields that a new account does not offer."""
        # A new account is active; only an existing one can be disabled.
        return () if obj is not None else ("is_active",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return an empty form: the query of the address fills no field."""
        return {}

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Create the account, or apply the changed fields."""
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        if change:
            if not values.get("password"):
                values.pop("password", None)
            changes = cast(UserChanges, values)
            user_update(user_id=obj.id, changes=changes, by=acting_admin(request))
        else:
            values = {"password": "", **values}
            obj.id = user_create(**values, by=acting_admin(request)).id

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save nothing: an account has no related rows on its page."""

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete the account."""
        user_delete(user_id=obj.id, by=acting_admin(request))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Return the list of the confirmation page: only the accounts, because tombstones stay."""
        return [str(user) for user in objs], {"users": len(objs)}, set(), []


@admin.register(RefreshFamily)
class RefreshFamilyAdmin(ReadOnlyAdmin):
    """Sessions, without their tokens."""

    fields = (
        *("user", "created_at", "rotated_at", "expires_at", "revoked_at", "address", "user_agent"),
    )
    list_display = fields
    list_filter = ("created_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    ordering = ("-created_at",)


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin):
    """The security log."""

    list_display = ("occurred_at", "kind", "actor_name", "subject_name", "address", "details")
    list_filter = ("kind", "occurred_at")
    search_fields = ("actor_name", "subject_name", "request_id")
    ordering = ("-id",)
