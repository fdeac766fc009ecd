"""Instants beside a closed month whose energy stands in its hours; gaps longer than 3.7 years."""

from __future__ import annotations

from django.db import migrations

CREATE = """
CREATE TABLE counted_span (
    device_key integer NOT NULL,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (device_key, ends_at)
);
COMMENT ON TABLE counted_span IS
    'what was used then stands in hours of the closed month that begins at the end';
"""

# Takes no more room: a row's length is a multiple of eight bytes.
WIDEN = "ALTER TABLE hour ALTER COLUMN covers_hours TYPE integer"
NARROW = "ALTER TABLE hour ALTER COLUMN covers_hours TYPE smallint"


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0011_packed_months")]
    operations = [
        migrations.RunSQL(CREATE, "DROP TABLE counted_span"),
        migrations.RunSQL(WIDEN, NARROW),
    ]
