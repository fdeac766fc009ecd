"""The app with `consume_sync`."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "service_kit.sync"
    label = "sync"
