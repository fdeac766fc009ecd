"""Refusals of auth_service that the kit does not have."""

from __future__ import annotations

from rest_framework import exceptions, status


class Refused(exceptions.APIException):
    """401 for who could not prove who they are.

    Not DRF's AuthenticationFailed: that becomes 403 in a view without authenticators.
    """

    status_code = status.HTTP_401_UNAUTHORIZED
    auth_header = 'Bearer realm="api"'


class InvalidCredentials(Refused):
    """One answer for an unknown name, a wrong password and a disabled account."""

    default_detail = "The user name or the password is wrong."
    default_code = "invalid_credentials"


class SessionEnded(Refused):
    """One answer for a refresh token that is unknown, expired, used before or revoked."""

    default_detail = "This session has ended, log in again."
    default_code = "session_ended"


class RegistrationClosed(exceptions.PermissionDenied):
    """This installation's accounts are made by its administrators."""

    default_detail = "Accounts are created by an administrator here."
    default_code = "registration_closed"
