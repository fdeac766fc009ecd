"""The app with `consume_sync` and `reconcile`."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """The app with the state of the sync."""

    name = "service_kit.sync"
    label = "sync"
    default_auto_field = "django.db.models.BigAutoField"
