"""Hours, days and months of a time zone; needs no database."""
