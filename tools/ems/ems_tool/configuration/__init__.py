"""The configuration of one installation: its folder and ports, settings, secrets and user.

This package reads and writes files and starts nothing. The packages above build processes from it.
"""
