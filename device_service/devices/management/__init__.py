"""Management commands of device_service."""
