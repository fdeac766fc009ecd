"""Hold what one installation is set to: its folder and ports, settings, secrets and user.

It reads and writes files; it starts nothing. The packages above it build processes from it.
"""
