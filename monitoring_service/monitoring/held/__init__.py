"""Held jumps: list them, accept or dismiss their energy, undo a decision."""
