"""The copy of the devices: who may see them, and the cache from which ingest reads them."""
