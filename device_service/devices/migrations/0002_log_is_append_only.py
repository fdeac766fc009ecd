"""The audit log refuses updates, deletions and truncation, whoever asks through this service."""

from django.db import migrations

CREATE = """
CREATE FUNCTION device_log_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the device log cannot be changed or deleted'
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER device_log_append_only BEFORE UPDATE OR DELETE ON device_log
    FOR EACH ROW EXECUTE FUNCTION device_log_refuse_change();

CREATE TRIGGER device_log_no_truncate BEFORE TRUNCATE ON device_log
    FOR EACH STATEMENT EXECUTE FUNCTION device_log_refuse_change();
"""

DROP = """
DROP TRIGGER device_log_no_truncate ON device_log;
DROP TRIGGER device_log_append_only ON device_log;
DROP FUNCTION device_log_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
