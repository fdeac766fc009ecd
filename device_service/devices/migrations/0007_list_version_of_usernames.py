"""Device lists show user names, so a changed name raises the list version too."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER device_list_changed AFTER UPDATE ON known_user FOR EACH ROW
    WHEN (OLD.username IS DISTINCT FROM NEW.username)
    EXECUTE FUNCTION device_list_changed();
"""

BACKWARD = "DROP TRIGGER device_list_changed ON known_user;"


class Migration(migrations.Migration):
    dependencies = [
        ("devices", "0006_list_version_without_waiting"),
        ("identity", "0001_initial"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
