"""Django's admin, opened by an administrator's platform login."""
