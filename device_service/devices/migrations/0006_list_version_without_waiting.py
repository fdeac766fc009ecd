"""The list version rises once in each statement, in a row that no other transaction holds.

Each writer raises an unlocked row, or adds a row when all are locked, so writers never wait for
each other and cannot deadlock. The version is the sum of the rows: it changes at the commit of
every transaction that changed a device or an assignment, and at no other time.
"""

from importlib import import_module

from django.db import migrations

former = import_module("devices.migrations.0003_list_version")

#: Keep the sum: under a number that was used before, Redis could still hold pages of that state.
KEEP_SUM = """
CREATE TEMPORARY TABLE former_list_version ON COMMIT DROP AS
    SELECT sum(version) AS version FROM device_list_version;
"""

CREATE = """
CREATE TABLE device_list_version (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, version bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO device_list_version (version) SELECT version FROM former_list_version;

CREATE FUNCTION device_list_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE device_list_version SET version = version + 1
    WHERE id = (SELECT id FROM device_list_version LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO device_list_version (version) VALUES (1);
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER device_list_changed AFTER INSERT OR UPDATE OR DELETE ON device
    FOR EACH STATEMENT EXECUTE FUNCTION device_list_changed();
CREATE TRIGGER device_list_changed AFTER INSERT OR UPDATE OR DELETE ON assignment
    FOR EACH STATEMENT EXECUTE FUNCTION device_list_changed();
"""

FORWARD = KEEP_SUM + former.DROP + CREATE

RESTORE_SUM = """
UPDATE device_list_version SET version = former_list_version.version
FROM former_list_version WHERE shard = 0;
"""

BACKWARD = KEEP_SUM + former.DROP + former.CREATE + RESTORE_SUM


class Migration(migrations.Migration):
    dependencies = [("devices", "0005_retired_at")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
