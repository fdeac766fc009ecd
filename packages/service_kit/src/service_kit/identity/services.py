"""Writes to the copy of the users: each applies only if its version is above the stored one."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.db import connection

from energy_contracts.events import ReceivedUserData

_UPSERT = """
INSERT INTO known_user
    (id, username, role, is_active, token_version, version, deleted, created_at)
VALUES (
    %(id)s, %(username)s, %(role)s, %(is_active)s, %(token_version)s, %(version)s, false,
    %(created_at)s
)
ON CONFLICT (id) DO UPDATE SET
    username = excluded.username, role = excluded.role, is_active = excluded.is_active,
    token_version = excluded.token_version, version = excluded.version, deleted = false,
    created_at = coalesce(excluded.created_at, known_user.created_at)
WHERE known_user.version < excluded.version
"""

_TOMBSTONE = """
INSERT INTO known_user (id, username, role, is_active, token_version, version, deleted)
VALUES (%(id)s, '', 'client', false, 0, %(version)s, true)
ON CONFLICT (id) DO UPDATE SET
    username = '', is_active = false, version = excluded.version, deleted = true, created_at = NULL
WHERE known_user.version < excluded.version
"""

# The instant never changes, so an event of any version may carry it: a snapshot repeats versions
# that are stored already.
_FILL_CREATED_AT = """
UPDATE known_user SET created_at = %(created_at)s
WHERE id = %(id)s AND created_at IS NULL AND NOT deleted
"""

#: The copy as `service_kit.sync.reconcile` compares it.
KNOWN_USERS = "SELECT id::text AS key, version, NOT deleted AS alive FROM known_user"


def known_user_apply(*, user: ReceivedUserData, version: int) -> bool:
    """Store a user's state; return False if the stored state is as new or newer."""
    # In UTC: PostgreSQL does not know every offset that the contract allows.
    created_at = None if user.created_at is None else user.created_at.astimezone(UTC)
    values: dict[str, UUID | str | int | datetime | None] = {
        "id": user.id,
        "username": user.username,
        "role": user.role,
        "is_active": user.is_active,
        "token_version": user.token_version,
        "version": version,
        "created_at": created_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values)
        applied = bool(cursor.rowcount == 1)
        if not applied and created_at is not None:
            cursor.execute(_FILL_CREATED_AT, values)
        return applied


def known_user_delete(*, user_id: UUID, version: int) -> bool:
    """Store a tombstone, also for an unknown user; return False if the user has one already."""
    with connection.cursor() as cursor:
        cursor.execute(_TOMBSTONE, {"id": user_id, "version": version})
        return bool(cursor.rowcount == 1)
