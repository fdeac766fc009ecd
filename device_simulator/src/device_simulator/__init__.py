"""Simulated meters, and the replay of recorded ones, over a RabbitMQ queue.

The package is stand-alone: it knows the queue's name and the reading's JSON and shares no code
with the platform, so that it shows everything that any other sender of readings has to do.
"""

from __future__ import annotations

__version__ = "0.1.0"
