"""The app that keeps a service's own copy of the users."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """The app with the copies of users."""

    name = "service_kit.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"
