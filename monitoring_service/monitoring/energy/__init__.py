"""The energy page: hours, series and figures of a device, and the states of devices."""
