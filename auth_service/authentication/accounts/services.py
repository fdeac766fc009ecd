"""Writes to accounts. Each write appends its event to the outbox in the same transaction."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.fields import get_error_detail

from authentication.accounts.passwords import password_hash
from authentication.models import UNIQUE_SKELETON, UNIQUE_USERNAME, RefreshFamily, Role, User
from authentication.models import SecurityEventKind as Kind
from authentication.publishing.events import user_deleted_event, user_event
from authentication.security_log.services import security_event
from authentication.usernames import check_new_username, username_skeleton
from service_kit.access.permissions import Permission, has_permission, roles_with
from service_kit.api.errors import Conflict
from service_kit.outbox.services import outbox_append

#: Changed fields that end all sessions of the user.
ENDS_SESSIONS = {"role", "is_active", "password"}

#: The condition of no session: all of them end.
NO_SESSION = Q(pk__in=())


class UserChanges(TypedDict, total=False):
    """The fields of an account that can change; `password` is the new password as typed."""

    username: str
    email: str
    first_name: str
    last_name: str
    phone: str
    language: str
    theme: str
    role: str
    is_active: bool
    password: str


class LastAdmin(Conflict):
    """The change would leave no administrator, and nobody could create one."""

    default_detail = "The last active administrator cannot be deleted, disabled or demoted."
    default_code = "last_admin"


def user_create(
    *,
    username: str,
    password: str,
    email: str = "",
    first_name: str = "",
    last_name: str = "",
    phone: str = "",
    role: str = Role.CLIENT,
    by: User | None = None,
) -> User:
    """Create an account; `by` is the administrator, None for a registration.

    Raises ValidationError for a name that is malformed, taken or similar to an existing one, and
    for a weak password.
    """
    check_new_username(username)
    user = User(
        username=username,
        username_skeleton=username_skeleton(username),
        email=email,
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        role=role,
    )
    _check_new_password(password, user)
    user.password = password_hash(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            outbox_append([user_event("user_created", user)])
            security_event(Kind.USER_CREATED, actor=by, subject=user, role=user.role)
    except IntegrityError as error:
        raise _field_error(error, username) from error
    return user


def user_update(
    *,
    user_id: UUID,
    changes: UserChanges,
    by: User | None = None,
    kept_sessions: Q = NO_SESSION,
) -> User:
    """Apply the changes to the account and return it; write nothing if nothing differs.

    `by` is the user who requested it, `kept_sessions` the condition of the sessions that a change
    does not end. Raises NotFound, ValidationError, and LastAdmin.
    """
    try:
        with transaction.atomic():
            if "role" in changes or "is_active" in changes:
                _lock_active_admins()
            user = _locked(user_id)
            was_active_admin = _is_active_admin(user)
            former_role = user.role
            changed = _apply(user, changes)
            if changed:
                if was_active_admin and not _is_active_admin(user):
                    _keep_an_admin_besides(user)
                _record(user, changed, former_role=former_role, by=by)
                if changed & ENDS_SESSIONS:
                    reason = sorted(changed & ENDS_SESSIONS)[0]
                    _end_sessions(user, kept_sessions, by=by, reason=reason)
                user.version += 1
                user.save()
                outbox_append([user_event("user_updated", user)])
            return user
    except IntegrityError as error:
        raise _field_error(error, changes.get("username", "")) from error


def user_end_sessions(
    *,
    user_id: UUID,
    reason: str,
    by: User | None = None,
    only_version: int | None = None,
    kept_sessions: Q = NO_SESSION,
    device: str = "",
) -> None:
    """End all sessions of the user but those of `kept_sessions`, everywhere. Raises NotFound.

    `by` is the user who requested it, None for the platform itself. With `only_version`, nothing
    happens if the user's token version is another one, because the sessions have ended since then.
    `device` names the ended session in the security log.
    """
    with transaction.atomic():
        user = _locked(user_id)
        if only_version is not None and user.token_version != only_version:
            return
        _end_sessions(user, kept_sessions, by=by, reason=reason, device=device)
        user.version += 1
        user.save()
        outbox_append([user_event("user_updated", user)])


def user_delete(*, user_id: UUID, by: User | None = None) -> None:
    """Replace the account by a tombstone without personal data. Raises NotFound and LastAdmin."""
    with transaction.atomic():
        _lock_active_admins()
        user = _locked(user_id)
        if _is_active_admin(user):
            _keep_an_admin_besides(user)
        security_event(Kind.USER_DELETED, actor=by, subject=user)
        _end_sessions(user, NO_SESSION, by=by, reason="deleted")
        user.username_skeleton = None
        user.username = user.email = user.first_name = user.last_name = user.phone = ""
        user.language = user.theme = ""
        user.set_unusable_password()
        user.is_active = False
        user.deleted = True
        user.version += 1
        user.save()
        RefreshFamily.objects.filter(user=user).delete()
        outbox_append([user_deleted_event(user)])


def _apply(user: User, changes: UserChanges) -> set[str]:
    """Set the changes on the (unsaved) user, and return the names of the fields that differ."""
    values = dict(changes)
    password = values.pop("password", None)
    changed = {name for name, value in values.items() if getattr(user, name) != value}
    for name in changed:
        setattr(user, name, values[name])
    if "username" in changed:
        check_new_username(user.username)
        user.username_skeleton = username_skeleton(user.username)
    if isinstance(password, str):
        _check_new_password(password, user)
        user.password = password_hash(password)
        changed.add("password")
    return changed


def _end_sessions(
    user: User, remaining: Q, *, by: User | None, reason: str, device: str = ""
) -> None:
    """Invalidate tokens of the former version on the (unsaved) user, and revoke the sessions.

    The `remaining` sessions go on under the new version. Their access tokens are rejected as all
    others, and the next refresh yields new ones: so one number ends each selection of sessions.
    """
    now = timezone.now()
    former, user.token_version = user.token_version, user.token_version + 1
    live = RefreshFamily.objects.filter(user=user, revoked_at=None, expires_at__gt=now)
    count = live.filter(remaining, token_version=former).update(token_version=user.token_version)
    live.filter(token_version__lte=former).update(revoked_at=now)
    details = {"reason": reason, "device": device, "kept": count}
    security_event(
        Kind.SESSION_REVOKED,
        actor=by,
        subject=user,
        **{name: value for name, value in details.items() if value},
    )


def _record(user: User, changed: set[str], *, former_role: str, by: User | None) -> None:
    if "role" in changed:
        security_event(Kind.ROLE_CHANGED, actor=by, subject=user, old=former_role, new=user.role)
    if "is_active" in changed:
        kind = Kind.USER_ENABLED if user.is_active else Kind.USER_DISABLED
        security_event(kind, actor=by, subject=user)
    if "password" in changed:
        security_event(Kind.PASSWORD_CHANGED, actor=by, subject=user)


def _locked(user_id: UUID) -> User:
    user = User.objects.select_for_update().filter(id=user_id, deleted=False).first()
    if user is None:
        raise NotFound
    return user


def _lock_active_admins() -> None:
    """Lock all active administrators, so that changes of administrators follow one another.

    Without the lock, two administrators who demote each other would both see one left. The lock is
    always taken before the lock on the user, in the order of ids, so that no deadlock arises.

    Requires: a transaction.
    """
    list(_active_admins().select_for_update().order_by("id").values_list("id"))


def _keep_an_admin_besides(user: User) -> None:
    if not _active_admins().exclude(id=user.id).exists():
        raise LastAdmin


def _active_admins() -> QuerySet[User]:
    roles = roles_with(Permission.MANAGE_USERS)
    return User.objects.filter(role__in=roles, is_active=True, deleted=False)


def _is_active_admin(user: User) -> bool:
    return user.is_active and has_permission(user, Permission.MANAGE_USERS)


def _check_new_password(password: str, user: User) -> None:
    try:
        password_validation.validate_password(password, user)
    except DjangoValidationError as error:
        raise ValidationError({"password": get_error_detail(error)}) from error


def _field_error(error: IntegrityError, username: str) -> Exception:
    """Return the violated constraint as an error of the field, or the error itself."""
    diagnostics = getattr(error.__cause__, "diag", None)
    constraint = getattr(diagnostics, "constraint_name", None)
    if constraint == UNIQUE_USERNAME:
        return ValidationError({"username": ["This username is taken."]}, code="unique")
    if constraint == UNIQUE_SKELETON:
        remedy = "Choose one that differs in more than similar letters, digits or case."
        message = f'"{username}" looks like the name of another account. {remedy}'
        return ValidationError({"username": [message]}, code="username_looks_alike")
    return error
