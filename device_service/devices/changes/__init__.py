"""Changes of a device: values, version, log entry and event together."""
