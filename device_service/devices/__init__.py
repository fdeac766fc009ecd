"""The inventory of devices: their states, the users who may see them, the log of changes."""
