"""Processes and commands of the service."""
