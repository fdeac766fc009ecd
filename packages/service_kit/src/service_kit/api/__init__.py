"""The parts of every REST API: checked input, errors, pages of lists, limits."""
