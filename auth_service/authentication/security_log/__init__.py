"""The security log: actions on accounts, with actor, time and address."""
