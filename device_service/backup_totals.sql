-- One row of totals by which a restored database is compared with the one that was saved.
SELECT (SELECT count(*) FROM device) AS devices,
       (SELECT count(*) FROM channel) AS channels,
       (SELECT count(*) FROM meter_replacement) AS meter_replacements,
       (SELECT count(*) FROM assignment) AS assignments,
       (SELECT count(*) FROM device_log) AS log_entries
