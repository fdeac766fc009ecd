"""PostgreSQL: waiting in an outage, transactions of batches, rights, totals of backups."""
