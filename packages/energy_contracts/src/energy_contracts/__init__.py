"""The messages between meters and services, and nothing else.

Every service, the simulator's tests and the end-to-end tests import this package. It imports
neither Django nor a broker client, so that a message means the same wherever it is read.
"""
