"""Which months had their index built anew after they were over."""

from __future__ import annotations

from django.db import migrations

ADD = "ALTER TABLE reading_month ADD COLUMN packed_at timestamptz"
REMOVE = "ALTER TABLE reading_month DROP COLUMN packed_at"


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0010_reading_months")]
    operations = [migrations.RunSQL(ADD, REMOVE)]
