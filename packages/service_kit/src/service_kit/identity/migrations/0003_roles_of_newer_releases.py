"""Widen the role to what an event may carry: a role of a newer release must not break the copy."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_knownuser_created_at")]

    operations = [
        migrations.AlterField(
            model_name="knownuser", name="role", field=models.CharField(max_length=32)
        ),
    ]
