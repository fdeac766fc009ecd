"""Management commands of the sync."""
