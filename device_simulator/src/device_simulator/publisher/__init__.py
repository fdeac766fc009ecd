"""Publish messages with confirms. No other package of the simulator imports pika.

A thread runs the connection; the caller hands messages over and reads the counts of confirmations.
Every fault of a message (rejected, returned, not confirmed in time, connection lost) ends the
connection, and all unconfirmed messages are sent again, in order, over the next one. So a message
may arrive twice and is never lost; the platform counts a repeated reading once.
"""

from __future__ import annotations

from device_simulator.publisher.publisher import QUEUE, BrokerRejection, Publisher

__all__ = ["QUEUE", "BrokerRejection", "Publisher"]
