"""Settings and routes of device_service."""
