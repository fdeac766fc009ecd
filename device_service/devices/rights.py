"""What the service's own database role may do, where the tables belong to another.

Migrations run as the owner. The service's role reads and writes, but it can neither change or
delete an entry of the log nor, owning nothing, take away the triggers that refuse it.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections, transaction

_GRANT = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE UPDATE, DELETE, TRUNCATE ON device_log FROM {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
"""


def grant_to_service(using: str, **signal: Any) -> None:
    """After each migration, so that no new table is forgotten; harmless when repeated."""
    role = settings.DATABASE_SERVICE_ROLE
    if not role:
        return
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute(_GRANT.format(role=connection.ops.quote_name(role)))
