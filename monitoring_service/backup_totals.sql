-- One row of totals by which a restored database is compared with the one that was saved.
-- Readings are counted by their hours, which is quick however many there are;
-- `manage.py verify_aggregates` derives the hours from the readings.
SELECT (SELECT count(*) FROM hour) AS hours,
       (SELECT coalesce(sum(energy_milliwh), 0)::text FROM hour) AS milliwatt_hours,
       (SELECT coalesce(sum(reading_count), 0)::bigint FROM hour) AS readings,
       (SELECT coalesce(sum(received), 0)::bigint FROM ledger_minute) AS received,
       (SELECT count(*) FROM alert) AS alerts
