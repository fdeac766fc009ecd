"""Access tokens, their users, and the permissions of roles."""
