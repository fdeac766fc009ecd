"""The check that a user may change a device."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request

from devices.access.selectors import device_get
from service_kit.access.permissions import Permission, check_permission
from service_kit.identity.authentication import current_user


def check_may_manage(request: Request, device_id: UUID) -> None:
    """Check that the user may change the device.

    Raises NotFound for a device that the user may not see, so that nobody learns of a hidden
    device; else PermissionDenied.
    """
    user = current_user(request)
    device_get(user=user, device_id=device_id)
    check_permission(user, Permission.MANAGE_DEVICES)
