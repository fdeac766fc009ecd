"""The life of a process: its end, its threads, its waiting times, its counters."""
