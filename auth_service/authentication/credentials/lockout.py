"""The lockout: after several wrong passwords, sign-ins of this name from this address must wait.

Failures are counted by name and address together: a count by name alone would let anybody lock out
any user. The gateway limits sign-ins by address, which slows down one password on many names.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from authentication.models import SignInAttempts, User
from service_kit.http.client_address import client_network

#: Wrong passwords in a row after which even the right one is rejected for a while.
MAX_FAILURES = 5

#: How long sign-ins are rejected, and the age at which a failure no longer counts.
LOCK = timedelta(minutes=15)

#: Expired rows that one failure deletes at most.
SWEEP = 100


def attempts_of(username: str) -> SignInAttempts:
    """Return the attempts on that name from the request's address, and lock them.

    The lock lets one password be checked at a time. Without it, twenty parallel guesses would all
    be checked before the first failure is counted.

    Requires: a transaction.
    """
    key = _key(username)
    while True:
        SignInAttempts.objects.bulk_create([SignInAttempts(key=key)], ignore_conflicts=True)
        attempts = SignInAttempts.objects.select_for_update().filter(key=key).first()
        # None: another process deleted the row in between.
        if attempts is not None:
            return attempts


def attempts_allowed(attempts: SignInAttempts) -> bool:
    """Return whether a password may be checked now; expired failures are reset."""
    now = timezone.now()
    if attempts.locked_until is not None and attempts.locked_until > now:
        return False
    if attempts.locked_until is not None or attempts.last_tried_at < now - LOCK:
        attempts.failures = 0
        attempts.locked_until = None
    return True


def attempts_failed(attempts: SignInAttempts) -> bool:
    """Count a wrong password, and return whether it starts the lockout."""
    now = timezone.now()
    attempts.failures += 1
    attempts.last_tried_at = now
    locks = attempts.failures >= MAX_FAILURES
    if locks:
        attempts.locked_until = now + LOCK
    attempts.save()
    expired = SignInAttempts.objects.filter(last_tried_at__lt=now - 2 * LOCK)
    keys = expired.select_for_update(skip_locked=True).values_list("key", flat=True)[:SWEEP]
    SignInAttempts.objects.filter(key__in=list(keys)).delete()
    return locks


def attempts_forget(attempts: SignInAttempts) -> None:
    """Delete the count after the right password."""
    attempts.delete()


def _key(username: str) -> str:
    name = User.normalize_username(username).casefold()
    text = f"{name}\0{client_network()}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()
