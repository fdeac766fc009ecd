"""A number that rises with every commit that changes a list of devices, whoever commits it.

It is raised at the very end of a transaction (deferred triggers), once, in one of 16 rows: writers of
different devices hardly ever wait for each other, and, holding it last, never in a circle.
"""

from django.db import migrations

CREATE = """
CREATE TABLE device_list_version (shard smallint PRIMARY KEY, version bigint NOT NULL)
    WITH (fillfactor = 50);
INSERT INTO device_list_version SELECT shard, 0 FROM generate_series(0, 15) AS shard;

CREATE FUNCTION device_list_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    this text := pg_current_xact_id()::text;
BEGIN
    IF current_setting('devices.list_changed_in', true) IS DISTINCT FROM this THEN
        UPDATE device_list_version SET version = version + 1 WHERE shard = pg_backend_pid() % 16;
        PERFORM set_config('devices.list_changed_in', this, true);
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER device_list_changed AFTER INSERT OR UPDATE OR DELETE ON device
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION device_list_changed();
CREATE CONSTRAINT TRIGGER device_list_changed AFTER INSERT OR UPDATE OR DELETE ON assignment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION device_list_changed();
"""

DROP = """
DROP TRIGGER device_list_changed ON assignment;
DROP TRIGGER device_list_changed ON device;
DROP FUNCTION device_list_changed();
DROP TABLE device_list_version;
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0002_log_is_append_only")]

    operations = [migrations.RunSQL(CREATE, DROP)]
