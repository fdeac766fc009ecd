"""Prepare, save and restore an installation of containers: `python -m ems_tool.containers`.

This package calls the functions that a native start calls, with the addresses of the containers.
"""
