-- One row of totals by which a restored database is compared with the one that was saved.
SELECT (SELECT count(*) FROM user_account) AS users,
       (SELECT coalesce(sum(version), 0)::bigint FROM user_account) AS changes,
       (SELECT count(*) FROM security_event) AS security_events
