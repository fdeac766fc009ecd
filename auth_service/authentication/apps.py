"""Accounts, sessions and tokens."""

from service_kit.owned_tables import OwnedTablesConfig


class AuthenticationConfig(OwnedTablesConfig):
    default = True
    name = "authentication"
    append_only_tables = ("security_event",)
