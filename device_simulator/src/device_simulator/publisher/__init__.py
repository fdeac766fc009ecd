"""Publish messages so that each is known to be on the broker's disk. Only here is pika imported.

A thread runs the connection; the caller hands messages over and asks what is confirmed. Whatever
goes wrong with a message (refused, returned, not confirmed in time, connection lost) ends the
connection, and everything unconfirmed is sent again, in order, over the next one. So a message may
arrive twice and is never lost; the platform counts a repeated reading once.
"""

from __future__ import annotations

from device_simulator.publisher.publisher import QUEUE, BrokerRefused, Publisher

__all__ = ["QUEUE", "BrokerRefused", "Publisher"]
