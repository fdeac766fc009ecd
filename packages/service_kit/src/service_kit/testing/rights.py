"""Limits of a service's own database role, for the tests of each service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection


@contextmanager
def as_the_service() -> Iterator[Any]:
    """Return a cursor with the role of an installation, which the whole connection then has."""
    with connection.cursor() as cursor:
        # A service that owns its tables has no such role.
        name: str = getattr(settings, "DATABASE_SERVICE_ROLE", "")
        role = connection.ops.quote_name(name)
        cursor.execute(f"SET LOCAL ROLE {role}")
        yield cursor
        # Deferred checks run with the role that ends the transaction.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def attacks_on(table: str) -> list[str]:
    """Return statements by which a process could falsify an append-only table."""
    return [
        f"UPDATE {table} SET actor_name = 'nobody'",
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TRIGGER {table}_append_only ON {table}",
        f"DROP TABLE {table}",
        f"CREATE OR REPLACE FUNCTION {table}_refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN OLD; END'",
        "UPDATE django_migrations SET name = ''",
    ]
