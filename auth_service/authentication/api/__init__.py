"""The parts of views that all subjects share."""
