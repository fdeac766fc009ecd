"""Dead letters are discarded on record, and sent again only where that can help."""

from __future__ import annotations

import django.utils.timezone
from django.db import migrations, models

_KEEP = """
CREATE FUNCTION dead_letter_discard_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.finished_at IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'finished rows of dead_letter_discard cannot be changed, and none deleted'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER dead_letter_discard_keep BEFORE UPDATE OR DELETE ON dead_letter_discard
    FOR EACH ROW EXECUTE FUNCTION dead_letter_discard_keep();
"""

_DROP = """
DROP TRIGGER dead_letter_discard_keep ON dead_letter_discard;
DROP FUNCTION dead_letter_discard_keep();
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0018_kinds_of_newer_releases")]
    operations = [
        migrations.AddField(
            "DeadLetterReplay",
            "only_retryable",
            models.BooleanField(default=False, db_default=False),
        ),
        migrations.CreateModel(
            "DeadLetterDiscard",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("requested_by", models.UUIDField()),
                ("requested_by_name", models.CharField(max_length=150)),
                ("message_ids", models.JSONField(null=True)),
                ("reason", models.CharField(max_length=64, blank=True)),
                ("discarded", models.JSONField(default=dict)),
                ("pending", models.JSONField(default=list)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "dead_letter_discard"},
        ),
        migrations.RunSQL(_KEEP, _DROP),
    ]
