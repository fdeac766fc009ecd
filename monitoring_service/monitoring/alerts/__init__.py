"""Alerts: hours of a device above its limit."""
