"""Held jumps are listed, and administrators decide about them, on record."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from service_kit.append_only import append_only

_PLACE = [
    ("device_key", models.IntegerField()),
    ("begins_at", models.DateTimeField()),
    ("ends_at", models.DateTimeField()),
    ("before_milliwh", models.BigIntegerField()),
    ("after_milliwh", models.BigIntegerField()),
]

_KINDS = [("accepted", "Accepted"), ("dismissed", "Dismissed"), ("undone", "Undone")]

# Jumps that were held before this release are found again by the derivation that follows.
_DERIVE_AGAIN = """
UPDATE device SET rules_version = 1
WHERE reading_kind = 'cumulative' AND max_power_kw IS NOT NULL AND rules_version = 2
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0022_channels_and_meters")]
    operations = [
        migrations.CreateModel(
            "HeldDecision",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                *_PLACE,
                ("kind", models.CharField(max_length=16, choices=_KINDS)),
                ("decided_at", models.DateTimeField(auto_now_add=True)),
                ("decided_by", models.UUIDField()),
                ("decided_by_name", models.CharField(max_length=150)),
                ("note", models.TextField(blank=True, default="")),
            ],
            options={
                "db_table": "held_decision",
                "indexes": [
                    models.Index(
                        fields=["device_key", "begins_at", "ends_at"], name="held_decision_place"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "HeldJump",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                *_PLACE,
                ("first_seen_at", models.DateTimeField(auto_now_add=True)),
                (
                    "decision",
                    models.ForeignKey(
                        "monitoring.HeldDecision",
                        django.db.models.deletion.PROTECT,
                        null=True,
                        related_name="+",
                    ),
                ),
            ],
            options={
                "db_table": "held_jump",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["device_key", "begins_at", "ends_at"], name="held_jump_place"
                    )
                ],
                "indexes": [
                    models.Index(fields=["-begins_at", "-id"], name="held_jump_latest"),
                    models.Index(
                        fields=["-begins_at", "-id"],
                        name="held_jump_open",
                        condition=models.Q(decision=None),
                    ),
                ],
            },
        ),
        append_only("held_decision"),
        migrations.RunSQL(_DERIVE_AGAIN, migrations.RunSQL.noop),
    ]
