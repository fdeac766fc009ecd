"""Develop the platform: run its tests and benchmarks, resolve its requirements.

Nothing of an installation imports it.
"""
