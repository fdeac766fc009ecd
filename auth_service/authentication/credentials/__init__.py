"""The check of user name and password, with the lockout after wrong ones."""
