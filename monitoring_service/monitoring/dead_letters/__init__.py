"""Dead letters: rejected readings, listed from their queue and replayed."""
