"""Errors of auth_service that the kit does not have."""

from __future__ import annotations

from rest_framework import exceptions, status


class Unauthenticated(exceptions.APIException):
    """401 for a request that does not prove the user's identity.

    DRF's AuthenticationFailed is of no use here: it becomes 403 in a view without authenticators.
    """

    status_code = status.HTTP_401_UNAUTHORIZED
    auth_header = 'Bearer realm="api"'


class InvalidCredentials(Unauthenticated):
    """The same answer for an unknown name, a wrong password and a disabled account."""

    default_detail = "The user name or the password is wrong."
    default_code = "invalid_credentials"


class SessionEnded(Unauthenticated):
    """The same answer for an unknown, expired, used or revoked refresh token."""

    default_detail = "This session has ended, log in again."
    default_code = "session_ended"


class RegistrationClosed(exceptions.PermissionDenied):
    """Registration is closed: administrators create the accounts of this installation."""

    default_detail = "Accounts are created by an administrator here."
    default_code = "registration_closed"
