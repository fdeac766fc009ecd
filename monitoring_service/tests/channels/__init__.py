"""Several channels of one device."""
