"""Meters that do not exist, and recorded ones played again, sending to a RabbitMQ queue.

Stand-alone: it knows the queue's name and the reading's JSON, and shares no code with the platform,
so that it shows what any other sender of readings has to do.
"""

from __future__ import annotations

__version__ = "0.1.0"
