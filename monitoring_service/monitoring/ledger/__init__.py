"""The ledger: counts of readings by outcome, and the readings that wait in the queues."""
