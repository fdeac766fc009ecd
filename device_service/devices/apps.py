"""The Django app of devices, assignments and their log."""

from service_kit.database.owned_tables import OwnedTablesConfig


class DevicesConfig(OwnedTablesConfig):
    """Configures the app; the service's database role may only append to the log."""

    default = True
    name = "devices"
    append_only_tables = ("device_log",)
