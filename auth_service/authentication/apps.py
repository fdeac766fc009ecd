"""Configuration of the app."""

from service_kit.database.owned_tables import OwnedTablesConfig


class AuthenticationConfig(OwnedTablesConfig):
    """The app; the database rejects changes of the security log."""

    default = True
    name = "authentication"
    verbose_name = "Accounts"
    append_only_tables = ("security_event",)
