"""Which months have a partition, since when, and which were dropped."""

from __future__ import annotations

from django.db import migrations

CREATE = """
CREATE TABLE reading_month (
    month timestamptz PRIMARY KEY,
    made_at timestamptz NOT NULL,
    closed_at timestamptz
);
COMMENT ON COLUMN reading_month.closed_at IS
    'when the month''s raw readings were dropped: its hours change no more';
-- What there is was made when its month came, or is as good as made then.
INSERT INTO reading_month (month, made_at)
SELECT to_timestamp(substring(c.relname FROM 9), 'YYYY_MM'), now()
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'reading'::regclass AND c.relname ~ '^reading_[0-9]{4}_[0-9]{2}$';
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0004_covers_hours")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE reading_month")]
