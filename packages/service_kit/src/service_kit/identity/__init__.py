"""Copies of auth_service's users, kept current by events."""
