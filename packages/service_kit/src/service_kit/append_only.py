"""Tables that accept new rows and reject every change or removal of a row."""

from __future__ import annotations

from django.db.migrations import RunSQL


def append_only(table: str) -> RunSQL:
    """Return a migration after which the table rejects updates, deletions and truncation."""
    create = f"""
    CREATE FUNCTION {table}_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'rows of {table} cannot be changed or deleted'
            USING ERRCODE = 'restrict_violation';
    END
    $$;
    CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION {table}_refuse_change();
    CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse_change();
    """
    drop = f"""
    DROP TRIGGER {table}_no_truncate ON {table};
    DROP TRIGGER {table}_append_only ON {table};
    DROP FUNCTION {table}_refuse_change();
    """
    return RunSQL(create, drop)
