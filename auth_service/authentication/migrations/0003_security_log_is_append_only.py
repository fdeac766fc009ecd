"""The security log refuses updates, deletions and truncation, whoever asks through this service."""

from django.db import migrations

from service_kit.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("authentication", "0002_security_log_and_attempts")]

    operations = [append_only("security_event")]
