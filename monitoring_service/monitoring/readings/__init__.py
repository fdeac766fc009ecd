"""Routes for raw readings: list, export as a file, remove."""
