"""Derive hours from their readings again, and compare the stored hours with them."""
