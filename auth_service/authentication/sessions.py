"""Logging in, staying logged in, logging out.

A refresh token is opaque: the id of its family and 256 random bits, of which the database keeps
the hash. Each refresh exchanges it; one that was exchanged before must have been stolen from, or
by, somebody, so the whole family ends.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from authentication.attempts import (
    LOCK,
    attempts_allowed,
    attempts_failed,
    attempts_forget,
    attempts_of,
)
from authentication.errors import InvalidCredentials, SessionEnded
from authentication.models import RefreshFamily, SecurityEventKind, User
from authentication.security import security_event
from authentication.selectors import user_find_by_username
from authentication.services import user_end_sessions
from authentication.tokens import access_token_for

logger = logging.getLogger(__name__)

#: Bytes of a family's id and of the secret in a refresh token.
ID_BYTES = 16
SECRET_BYTES = 32


@dataclass(frozen=True)
class Session:
    """What a login or a refresh hands out; no new refresh token for a parallel refresh."""

    user: User
    access: str
    refresh: str | None


def credentials_check(*, username: str, password: str) -> User:
    """The user who knows the password. Raises InvalidCredentials.

    It says and takes the same for an unknown name, a wrong password, a disabled account and a
    lock: neither answer nor time may tell them apart.
    """
    with transaction.atomic():
        user = _checked(username, password)
    # Only now: raised inside the transaction it would undo the count.
    if user is None:
        raise InvalidCredentials
    return user


def password_confirmed(*, user: User, password: str) -> bool:
    """Whether it is the user's password; guessing it with a stolen token is counted as well."""
    with transaction.atomic():
        return _checked(user.username, password) is not None


def _checked(username: str, password: str) -> User | None:
    user = user_find_by_username(username)
    attempts = attempts_of(username)
    allowed = attempts_allowed(attempts)
    if user is None:
        make_password(password)
        right = False
    else:
        right = user.check_password(password)
    if not allowed:
        return None
    if user is not None and right and user.is_active:
        attempts_forget(attempts)
        return user
    # An unknown name is not recorded: it may be a password in the wrong field.
    reason = "unknown_user" if user is None else "disabled" if right else "wrong_password"
    security_event(SecurityEventKind.LOGIN_FAILED, subject=user, reason=reason)
    if attempts_failed(attempts):
        security_event(SecurityEventKind.LOCKED, subject=user, minutes=LOCK.total_seconds() // 60)
    return None


def session_start(*, username: str, password: str) -> Session:
    """Log in. Raises InvalidCredentials."""
    user = credentials_check(username=username, password=password)
    now = timezone.now()
    family_id, secret = uuid4(), secrets.token_bytes(SECRET_BYTES)
    with transaction.atomic():
        # The user first, the sessions then, as everywhere: two that lock the other way round
        # would wait for each other.
        User.objects.filter(id=user.id).update(last_login=now)
        # A login is when old sessions are swept up: no job to run, and the table stays small.
        RefreshFamily.objects.filter(user=user, expires_at__lte=now).delete()
        RefreshFamily.objects.create(
            id=family_id,
            user=user,
            # As read before the password was checked: a change since then ends this session too.
            token_version=user.token_version,
            token_hash=_hash(secret),
            created_at=now,
            rotated_at=now,
            expires_at=_expiry(created_at=now, now=now),
        )
        security_event(SecurityEventKind.LOGIN, actor=user, subject=user)
    return Session(user, access_token_for(user), _encode(family_id, secret))


def session_refresh(*, refresh: str, arrived_at: datetime) -> Session:
    """Exchange a refresh token that arrived at that instant. Raises SessionEnded."""
    with transaction.atomic():
        session = _rotate(refresh, arrived_at)
    # Only now: raised inside the transaction it would undo the revocation.
    if session is None:
        raise SessionEnded
    return session


def session_end(*, refresh: str) -> None:
    """Log out: end all sessions of whoever the token belongs to; a worthless one is ignored.

    The token may be the one before the last: its exchange may have crossed the logout.
    """
    parts = _decode(refresh)
    if parts is None:
        return
    family_id, secret = parts
    family = RefreshFamily.objects.filter(id=family_id, revoked_at=None).first()
    if family is None or family.expires_at <= timezone.now():
        return
    presented = _hash(secret)
    if not any(
        hmac.compare_digest(presented, known) for known in (family.token_hash, family.previous_hash)
    ):
        return
    with contextlib.suppress(User.DoesNotExist):
        user_end_sessions(
            user_id=family.user_id, reason="logout", only_version=family.token_version
        )


def session_replace(*, refresh: str) -> None:
    """End the session that a browser gives up for a new one; the user's others go on."""
    parts = _decode(refresh)
    if parts is not None:
        RefreshFamily.objects.filter(
            id=parts[0], token_hash=_hash(parts[1]), revoked_at=None
        ).update(revoked_at=timezone.now())


def _rotate(refresh: str, arrived_at: datetime) -> Session | None:
    parts = _decode(refresh)
    if parts is None:
        return None
    family_id, secret = parts
    family = RefreshFamily.objects.select_for_update().filter(id=family_id).first()
    now = timezone.now()
    if family is None or family.revoked_at is not None or family.expires_at <= now:
        return None
    # Asked after the lock was got, so that a change made meanwhile counts.
    user = User.objects.filter(
        id=family.user_id, deleted=False, is_active=True, token_version=family.token_version
    ).first()
    if user is None:
        return None
    presented = _hash(secret)
    if hmac.compare_digest(presented, family.token_hash):
        return Session(user, access_token_for(user), _exchange(family, now))
    if hmac.compare_digest(presented, family.previous_hash) and arrived_at < family.rotated_at:
        # Two tabs of one browser woke up together. The token was good when it arrived; the
        # quicker request received the next one, a second must not exist.
        return Session(user, access_token_for(user), None)
    family.revoked_at = now
    family.save(update_fields=["revoked_at"])
    security_event(SecurityEventKind.SESSION_REVOKED, subject=user, reason="reuse")
    logger.warning("a used refresh token came back, session revoked user=%s", user.id)
    return None


def _exchange(family: RefreshFamily, now: datetime) -> str:
    secret = secrets.token_bytes(SECRET_BYTES)
    family.previous_hash = family.token_hash
    family.token_hash = _hash(secret)
    family.rotated_at = now
    family.expires_at = _expiry(created_at=family.created_at, now=now)
    family.save(update_fields=["previous_hash", "token_hash", "rotated_at", "expires_at"])
    return _encode(family.id, secret)


def _expiry(*, created_at: datetime, now: datetime) -> datetime:
    idle: datetime = now + settings.REFRESH_IDLE
    absolute: datetime = created_at + settings.REFRESH_ABSOLUTE
    return min(idle, absolute)


def _hash(secret: bytes) -> str:
    # A plain hash is enough for 256 random bits: there is nothing to guess from.
    return hashlib.sha256(secret).hexdigest()


def _encode(family_id: UUID, secret: bytes) -> str:
    return base64.urlsafe_b64encode(family_id.bytes + secret).decode()


def _decode(refresh: str) -> tuple[UUID, bytes] | None:
    try:
        raw = base64.urlsafe_b64decode(refresh.encode())
    except (binascii.Error, ValueError):
        return None
    if len(raw) != ID_BYTES + SECRET_BYTES:
        return None
    return UUID(bytes=raw[:ID_BYTES]), raw[ID_BYTES:]
