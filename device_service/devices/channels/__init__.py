"""Channels: the series of a device, each with a quantity and a flow."""
