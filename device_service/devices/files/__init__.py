"""Files of devices: CSV import and export."""
