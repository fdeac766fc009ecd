"""The app that owns devices, their lifecycle, assignments and audit log."""

from service_kit.owned_tables import OwnedTablesConfig


class DevicesConfig(OwnedTablesConfig):
    default = True
    name = "devices"
    append_only_tables = ("device_log",)
