"""Copies of other services' data: dispatch of events, snapshots, comparison."""
