"""Guessing passwords: after some wrong ones in a row, this user name from this address must wait.

By name and address together: by name alone anybody could lock anybody out; by address alone a
guesser who tries one password on every name is the gateway's to slow down.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from authentication.models import SignInAttempts, User
from service_kit.client_address import client_network

#: Wrong passwords after which even the right one is refused for a while.
MAX_FAILURES = 5

#: How long it is refused, and how old a failure must be to be forgotten.
LOCK = timedelta(minutes=15)

#: Rows of old attempts that one attempt sweeps up.
SWEEP = 100


def attempts_of(username: str) -> SignInAttempts:
    """The attempts on that name from the present address, locked until the transaction ends.

    The lock lets one password be tried at a time: twenty parallel guesses are twenty, not five.
    """
    key = _key(username)
    while True:
        SignInAttempts.objects.bulk_create([SignInAttempts(key=key)], ignore_conflicts=True)
        found = SignInAttempts.objects.select_for_update().filter(key=key).first()
        # None: swept up in between.
        if found is not None:
            return found


def attempts_allowed(attempts: SignInAttempts) -> bool:
    """Whether a password may be tried now; forgets what is long ago."""
    now = timezone.now()
    if attempts.locked_until is not None and attempts.locked_until > now:
        return False
    if attempts.locked_until is not None or attempts.last_tried_at < now - LOCK:
        attempts.failures = 0
        attempts.locked_until = None
    return True


def attempts_failed(attempts: SignInAttempts) -> bool:
    """Count a wrong password; True if it was the one that locks."""
    now = timezone.now()
    attempts.failures += 1
    attempts.last_tried_at = now
    locks = attempts.failures >= MAX_FAILURES
    if locks:
        attempts.locked_until = now + LOCK
    attempts.save()
    old = SignInAttempts.objects.filter(last_tried_at__lt=now - 2 * LOCK)
    keys = old.select_for_update(skip_locked=True).values_list("key", flat=True)[:SWEEP]
    SignInAttempts.objects.filter(key__in=list(keys)).delete()
    return locks


def attempts_forget(attempts: SignInAttempts) -> None:
    """The right password: the row goes, and with it what was counted."""
    attempts.delete()


def _key(username: str) -> str:
    name = User.normalize_username(username).casefold()
    text = f"{name}\0{client_network()}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()
