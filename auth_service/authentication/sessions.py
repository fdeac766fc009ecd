"""Logging in, staying logged in, logging out.

A refresh token is opaque: the id of its family and 256 random bits, of which the database keeps
the hash. Each refresh exchanges it; one that was exchanged before must have been stolen from, or
by, somebody, so the whole family ends.
"""

from __future__ import annotations

import base64
import binascii
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

from authentication.errors import InvalidCredentials, SessionEnded
from authentication.models import RefreshFamily, User
from authentication.selectors import user_find_by_username
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

    It takes as long for an unknown name and a disabled account: time must not tell them apart.
    """
    user = user_find_by_username(username)
    if user is None:
        make_password(password)
        raise InvalidCredentials
    if not user.check_password(password) or not user.is_active:
        raise InvalidCredentials
    return user


def session_start(*, username: str, password: str) -> Session:
    """Log in. Raises InvalidCredentials."""
    user = credentials_check(username=username, password=password)
    now = timezone.now()
    family_id, secret = uuid4(), secrets.token_bytes(SECRET_BYTES)
    with transaction.atomic():
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
        User.objects.filter(id=user.id).update(last_login=now)
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
    """Log out: end the family of the token, which may be used up; unknown ones are ignored."""
    parts = _decode(refresh)
    if parts is not None:
        RefreshFamily.objects.filter(id=parts[0], revoked_at=None).update(revoked_at=timezone.now())


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
