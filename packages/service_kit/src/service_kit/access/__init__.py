"""Access tokens, the users that they stand for, and the permissions of roles."""
