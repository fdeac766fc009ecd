"""Django's admin: opened by an administrator's token, checked against the copy of the users."""

from __future__ import annotations

from service_kit.testing.admin_contract import AdminContract


class TestAdmin(AdminContract):
    """All tests of the contract."""
