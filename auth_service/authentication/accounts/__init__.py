"""Accounts: registration, the own account, administration, names and passwords."""
