"""Develop the platform: run its tests and benchmarks, resolve its requirements.

No package that an installation runs imports this package.
"""
