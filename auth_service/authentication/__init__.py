"""Accounts, sign-in, sessions and access tokens."""
