"""The check of a user name and password; it counts failures and writes them to the security log."""

from __future__ import annotations

from django.db import transaction

from authentication.accounts.passwords import password_matches
from authentication.accounts.selectors import user_find_by_username
from authentication.api.errors import Unauthenticated
from authentication.credentials.lockout import (
    LOCK,
    attempts_allowed,
    attempts_failed,
    attempts_forget,
    attempts_of,
)
from authentication.models import SecurityEventKind, User
from authentication.security_log.services import security_event


class InvalidCredentials(Unauthenticated):
    """The same answer for an unknown name, a wrong password and a disabled account."""

    default_detail = "Wrong username or password."
    default_code = "invalid_credentials"


def credentials_check(*, username: str, password: str) -> User:
    """Return the user with that name and password. Raises InvalidCredentials.

    Answer and duration are the same for an unknown name, a wrong password, a disabled account and a
    lockout, so that neither reveals which accounts exist.
    """
    with transaction.atomic():
        user = _checked(username, password)
    # Raised inside the transaction, the error would roll back the counted failure.
    if user is None:
        raise InvalidCredentials
    return user


def password_confirmed(*, user: User, password: str) -> bool:
    """Return whether the password is the user's; failures count, as a token's thief may guess."""
    with transaction.atomic():
        return _checked(user.username, password) is not None


def _checked(username: str, password: str) -> User | None:
    user = user_find_by_username(username=username)
    attempts = attempts_of(username)
    allowed = attempts_allowed(attempts)
    matches = password_matches(user, password)
    if not allowed:
        return None
    if user is not None and matches and user.is_active:
        attempts_forget(attempts)
        return user
    # The log omits an unknown name: it may be a password, typed into the wrong field.
    reason = "unknown_user" if user is None else "disabled" if matches else "wrong_password"
    security_event(SecurityEventKind.LOGIN_FAILED, subject=user, reason=reason)
    if attempts_failed(attempts):
        security_event(SecurityEventKind.LOCKED, subject=user, minutes=LOCK.total_seconds() // 60)
    return None
