"""The app that owns devices, their lifecycle, assignments and audit log."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DevicesConfig(AppConfig):
    name = "devices"

    def ready(self) -> None:
        from devices.rights import grant_to_service

        post_migrate.connect(grant_to_service, sender=self)
