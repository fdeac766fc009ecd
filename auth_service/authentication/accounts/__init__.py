"""Accounts: registration, the user's own account, administration, names and passwords."""
