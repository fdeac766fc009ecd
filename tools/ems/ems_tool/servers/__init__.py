"""Configure the servers that others wrote: PostgreSQL, RabbitMQ, Redis, nginx and Traefik.

One module for each server: its configuration, its process and the test that it serves.
"""
