"""Errors of the routes of several subjects."""

from __future__ import annotations

from rest_framework import exceptions, status


class Unauthenticated(exceptions.APIException):
    """401 for a request that does not prove the user's identity.

    DRF's AuthenticationFailed is of no use here: it becomes 403 in a view without authenticators.
    """

    status_code = status.HTTP_401_UNAUTHORIZED
    auth_header = 'Bearer realm="api"'
