"""Run the whole platform natively: the services' processes, the order of starting, the status.

The command line, the demo, backups and the development tools start and stop the platform through
this package.
"""
