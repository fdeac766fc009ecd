"""The policy of the platform: the permissions of each role.

No other module decides by the name of a role: views ask for a permission (`HasPermission`),
selectors ask `has_permission`. CONTRIBUTING.md lists the places of a new role; the reasons are in
docs/adr/0013-permissions.md.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol, cast

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:
    # At run time this import is circular: DRF's views load the settings' permission classes.
    from rest_framework.views import APIView

#: The answer to a user whose role lacks the permission.
DENIED = "Your role does not permit this."


class Permission(Enum):
    """An action, or a set of data, that a role grants."""

    #: Create, change and delete accounts, and end their sessions.
    MANAGE_USERS = auto()
    #: Read the security log.
    READ_SECURITY_LOG = auto()
    #: Create, change, import and delete devices, and assign them to users.
    MANAGE_DEVICES = auto()
    #: See every device and all its assignments, not only the user's own.
    READ_ALL_DEVICES = auto()
    #: Read the log of changes to devices.
    READ_DEVICE_LOG = auto()
    #: Read the readings, hours and alerts of every device, not only of the user's own.
    READ_ALL_READINGS = auto()
    #: Mark alerts as seen, of the devices whose readings the user may read.
    ACKNOWLEDGE_ALERTS = auto()
    #: Remove single readings, and list removed ones.
    REMOVE_READINGS = auto()
    #: List rises that a device cannot use, and decide whether their energy counts.
    DECIDE_HELD_ENERGY = auto()
    #: Read the ledger, unregistered devices and dead letters, and send dead letters again.
    OPERATE_INGESTION = auto()
    #: Open Django's admin pages.
    OPEN_ADMIN_SITE = auto()


#: The permissions of each role. A role that is missing here has none, so that a role which a newer
#: auth_service sends grants nothing in an older service.
ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    "admin": frozenset(Permission),
    "client": frozenset({Permission.ACKNOWLEDGE_ALERTS}),
}


class RoleHolder(Protocol):
    """A user, with the one field that this module reads."""

    @property
    def role(self) -> str:
        """Return the name of the user's role."""
        ...


def has_permission(user: RoleHolder, permission: Permission) -> bool:
    """Return whether the user's role grants the permission."""
    return permission in ROLE_PERMISSIONS.get(user.role, frozenset())


def check_permission(user: RoleHolder, permission: Permission) -> None:
    """Raise PermissionDenied unless the user's role grants the permission."""
    if not has_permission(user, permission):
        raise PermissionDenied(DENIED)


def roles_with(permission: Permission) -> list[str]:
    """Return the names of the roles that grant the permission."""
    return [role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions]


def HasPermission(permission: Permission) -> type[BasePermission]:
    """Return the class for a view's `permission_classes` that demands the permission."""

    class RequiresPermission(BasePermission):
        message = DENIED

        def has_permission(self, request: Request, view: APIView) -> bool:
            user = cast("RoleHolder | None", request.user)
            return user is not None and has_permission(user, permission)

    return RequiresPermission
