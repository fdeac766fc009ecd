"""Middleware around every request: its id, its client's address, its host and path."""
