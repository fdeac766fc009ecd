"""Events for the other services' copies of the accounts."""
