"""Events for the other services' copies of devices and assignments."""
