"""Save an installation to one file and restore it: natively and for containers."""
