"""The Django app of devices, assignments and their log."""

from django.db.models.signals import post_migrate

from service_kit.database.owned_tables import OwnedTablesConfig


class DevicesConfig(OwnedTablesConfig):
    """Configures the app; the service's database role may only append to the log."""

    default = True
    name = "devices"
    append_only_tables = ("device_log",)

    def ready(self) -> None:
        """Publish a snapshot after a migration that asks for it."""
        super().ready()
        # Models are there only now.
        from devices.publishing.due import publish_if_due

        post_migrate.connect(publish_if_due, sender=self)
