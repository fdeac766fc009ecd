"""The third-party servers: PostgreSQL, RabbitMQ, Redis, nginx and Traefik.

One module for each server: its configuration, its process and its readiness check.
"""
