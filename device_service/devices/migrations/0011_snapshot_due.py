"""Events carry channels and meters now: publish those of devices that are there already, once."""

from __future__ import annotations

from django.db import migrations

# A row is there while the snapshot is due. `devices.publishing.due` publishes it after the
# migration and deletes the row.
CREATE = """
CREATE TABLE snapshot_due (since timestamptz NOT NULL DEFAULT now());
INSERT INTO snapshot_due SELECT WHERE EXISTS (SELECT FROM device);
"""
DROP = "DROP TABLE snapshot_due"


class Migration(migrations.Migration):
    dependencies = [("devices", "0010_meters")]
    operations = [migrations.RunSQL(CREATE, DROP)]
