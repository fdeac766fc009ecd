"""The inventory of devices: their states, who may see them, and the log of their changes."""
