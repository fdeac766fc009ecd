"""Writes to the copy of the users: each applies only if its version is news."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from energy_contracts.events import UserData

_UPSERT = """
INSERT INTO known_user (id, username, role, is_active, token_version, version, deleted)
VALUES (%(id)s, %(username)s, %(role)s, %(is_active)s, %(token_version)s, %(version)s, false)
ON CONFLICT (id) DO UPDATE SET
    username = excluded.username, role = excluded.role, is_active = excluded.is_active,
    token_version = excluded.token_version, version = excluded.version, deleted = false
WHERE known_user.version < excluded.version
"""

_TOMBSTONE = """
INSERT INTO known_user (id, username, role, is_active, token_version, version, deleted)
VALUES (%(id)s, '', 'client', false, 0, %(version)s, true)
ON CONFLICT (id) DO UPDATE SET
    username = '', is_active = false, version = excluded.version, deleted = true
WHERE known_user.version < excluded.version
"""

#: The copy as `service_kit.sync.reconcile` compares it.
KNOWN_USERS = "SELECT id::text AS key, version, NOT deleted AS alive FROM known_user"


def known_user_apply(*, user: UserData, version: int) -> bool:
    """Take over a user's state; False when what we have is as new or newer."""
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT,
            {
                "id": user.id,
                "username": user.username,
                "role": user.role,
                "is_active": user.is_active,
                "token_version": user.token_version,
                "version": version,
            },
        )
        return bool(cursor.rowcount == 1)


def known_user_delete(*, user_id: UUID, version: int) -> bool:
    """Leave a tombstone, also for a user never heard of; False when it was there."""
    with connection.cursor() as cursor:
        cursor.execute(_TOMBSTONE, {"id": user_id, "version": version})
        return bool(cursor.rowcount == 1)
