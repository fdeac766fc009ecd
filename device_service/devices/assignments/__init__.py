"""Assignments: periods in which a user has a device."""
