"""Plumbing that the three services share: no word of meters or readings belongs here.

settings, tokens and identity (who is asking), errors and health (what every service answers),
broker, outbox and sync (what crosses between services), database (outliving its restarts).
"""
