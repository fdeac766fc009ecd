"""Fill an installation with demo data through its public interfaces.

Accounts and devices are created by the HTTP API, readings are sent through the broker's queue.
"""
