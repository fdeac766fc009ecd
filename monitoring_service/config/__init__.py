"""Settings and entry points of monitoring_service."""
