"""The app with the table of events that wait for the relay."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """The app with the outbox."""

    name = "service_kit.outbox"
    label = "outbox"
    default_auto_field = "django.db.models.BigAutoField"
