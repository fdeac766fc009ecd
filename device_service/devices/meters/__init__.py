"""Meters: the physical instruments at a device, one after the other."""
