"""Events of the other services, applied to the copies of devices, assignments and users."""
