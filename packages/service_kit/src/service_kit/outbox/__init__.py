"""Events committed with their changes, and their publication."""
