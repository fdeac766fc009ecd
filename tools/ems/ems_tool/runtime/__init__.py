"""Keep processes running: the supervisor, its processes, its control socket.

This package knows processes and files only; every other package may import it.
"""
