"""The log: changes of devices, with actor, time and values."""
