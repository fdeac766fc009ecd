"""One action on many devices."""
