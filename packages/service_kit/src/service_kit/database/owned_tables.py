"""The rights of the service's own database role on tables that belong to another role.

Migrations run as the owner. The service's role reads and writes, but it cannot change or delete
records. It owns no table, so it cannot drop the triggers that reject such changes either.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.conf import settings
from django.db import connections, transaction
from django.db.models.signals import post_migrate

_GRANT = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
"""
_ONLY_APPEND = "REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role};\n"


class OwnedTablesConfig(AppConfig):
    """The app of a service whose processes do not own its tables."""

    #: Tables to which the service's role may only add.
    append_only_tables: ClassVar[tuple[str, ...]] = ()

    def ready(self) -> None:
        """Grant the rights after each migration."""
        post_migrate.connect(_grant_to_service, sender=self)


def _grant_to_service(sender: OwnedTablesConfig, using: str, **signal: Any) -> None:
    """Grant the rights after each migration, so that no new table lacks them; may be repeated."""
    name: str = getattr(settings, "DATABASE_SERVICE_ROLE", "")
    if not name:
        return
    connection = connections[using]
    role = connection.ops.quote_name(name)
    statements = _GRANT.format(role=role)
    for table in sender.append_only_tables:
        statements += _ONLY_APPEND.format(table=table, role=role)
    # At once: between the two the service's role would have the right that it must not have.
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute(statements)
