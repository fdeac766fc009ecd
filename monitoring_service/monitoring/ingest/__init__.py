"""Ingest: from a batch of messages to readings, hours, alerts and ledger."""
