"""Logging in, staying logged in, logging out.

A refresh token is opaque: the id of its family and 256 secret bits, of which the database keeps
the hash. Each refresh exchanges it. For a short grace the token that was exchanged last gets the
same successor again, because the first answer may be lost or a second tab may have asked; any other
token that was exchanged before has been stolen from, or by, somebody, so all sessions of the user
end.
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
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import NotFound

from authentication.errors import InvalidCredentials, SessionEnded
from authentication.lockout import (
    LOCK,
    attempts_allowed,
    attempts_failed,
    attempts_forget,
    attempts_of,
)
from authentication.models import RefreshFamily, SecurityEventKind, User
from authentication.passwords import password_matches
from authentication.security import security_event
from authentication.selectors import user_find_by_username
from authentication.services import user_end_sessions
from authentication.tokens import access_token_for

logger = logging.getLogger(__name__)

#: Bytes of a family's id and of the secret in a refresh token.
ID_BYTES = 16
SECRET_BYTES = 32

#: How long the token that was exchanged last gets its successor again. Longer than an answer is
#: waited for and asked for anew; shorter than a stolen token needs to be of use unnoticed.
GRACE = timedelta(seconds=20)


@dataclass(frozen=True)
class Session:
    """What a login or a refresh hands out."""

    user: User
    access: str
    refresh: str


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
    user = user_find_by_username(username=username)
    attempts = attempts_of(username)
    allowed = attempts_allowed(attempts)
    right = password_matches(user, password)
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


def session_refresh(*, refresh: str) -> Session:
    """Exchange a refresh token. Raises SessionEnded."""
    parts = _decode(refresh)
    if parts is None:
        raise SessionEnded
    family_id, presented = parts
    with transaction.atomic():
        family = RefreshFamily.objects.select_for_update().filter(id=family_id).first()
        user = None if family is None else _user_of(family)
        if family is None or user is None:
            raise SessionEnded
        successor = _successor_of(presented, family)
    if successor is None:
        # Only now, in a transaction of its own: users are locked before sessions everywhere.
        _end_for_reuse(family)
        raise SessionEnded
    return Session(user, access_token_for(user), _encode(family.id, successor))


def session_end(*, refresh: str) -> None:
    """Log out: end all sessions of whoever the token belongs to; a worthless one is ignored.

    The token may be the one before the last: its exchange may have crossed the logout.
    """
    parts = _decode(refresh)
    if parts is None:
        return
    family_id, secret = parts
    family = (
        RefreshFamily.objects.select_related("user").filter(id=family_id, revoked_at=None).first()
    )
    if family is None or family.expires_at <= timezone.now():
        return
    presented = _hash(secret)
    if not any(
        hmac.compare_digest(presented, known) for known in (family.token_hash, family.previous_hash)
    ):
        return
    with contextlib.suppress(NotFound):
        user_end_sessions(
            user_id=family.user_id,
            reason="logout",
            by=family.user,
            only_version=family.token_version,
        )


def session_replace(*, refresh: str) -> None:
    """End the session that a browser gives up for a new one; the user's others go on."""
    parts = _decode(refresh)
    if parts is not None:
        RefreshFamily.objects.filter(
            id=parts[0], token_hash=_hash(parts[1]), revoked_at=None
        ).update(revoked_at=timezone.now())


def _user_of(family: RefreshFamily) -> User | None:
    """Return who a locked family speaks for, None if it has ended."""
    if family.revoked_at is not None or family.expires_at <= timezone.now():
        return None
    # Asked after the lock was got, so that a change made meanwhile counts.
    return User.objects.filter(
        id=family.user_id, deleted=False, is_active=True, token_version=family.token_version
    ).first()


def _successor_of(presented: bytes, family: RefreshFamily) -> bytes | None:
    """Return the secret that follows the presented one, None if that was used up before.

    The family is locked: of several requests with one token the first exchanges it, and the others
    get what the first one got.
    """
    now = timezone.now()
    if hmac.compare_digest(_hash(presented), family.token_hash):
        return _exchange(presented, family, now)
    successor = _derived(presented, family)
    # Only the token exchanged last derives the present one: a token of the generation before gets
    # nothing, whatever the time, because then somebody has already used the successor.
    if now < family.rotated_at + GRACE and hmac.compare_digest(_hash(successor), family.token_hash):
        logger.info("a refresh was answered again user=%s", family.user_id)
        return successor
    return None


def _exchange(presented: bytes, family: RefreshFamily, now: datetime) -> bytes:
    """Make the successor of the present secret the present one."""
    family.successor_salt = secrets.token_hex(SECRET_BYTES)
    successor = _derived(presented, family)
    family.previous_hash = family.token_hash
    family.token_hash = _hash(successor)
    family.rotated_at = now
    family.expires_at = _expiry(created_at=family.created_at, now=now)
    family.save(
        update_fields=["successor_salt", "previous_hash", "token_hash", "rotated_at", "expires_at"]
    )
    return successor


def _derived(presented: bytes, family: RefreshFamily) -> bytes:
    """Return the secret that follows from the presented one and the salt of the last exchange.

    It can be made again without being kept. That takes three things of three places: the client's
    token, the row's salt (random for each exchange, so that no chain of tokens can be computed
    ahead), and this service's key. A stolen table, backup or key continues nobody's session.
    """
    value = b"".join((family.id.bytes, family.successor_salt.encode(), presented))
    key_salt = "authentication.sessions.successor"
    return salted_hmac(key_salt, value, algorithm="sha256").digest()


def _end_for_reuse(family: RefreshFamily) -> None:
    """End all sessions of the user, whose token somebody else has got.

    Not this family alone: the access token that the thief was given would stay good until it runs
    out, and the version of the user's tokens is what every service looks at.
    """
    logger.warning("a used refresh token came back, sessions ended user=%s", family.user_id)
    with contextlib.suppress(NotFound):
        user_end_sessions(user_id=family.user_id, reason="reuse", only_version=family.token_version)


def _expiry(*, created_at: datetime, now: datetime) -> datetime:
    idle: datetime = now + settings.REFRESH_IDLE
    absolute: datetime = created_at + settings.REFRESH_ABSOLUTE
    return min(idle, absolute)


def _hash(secret: bytes) -> str:
    # A plain hash is enough for 256 secret bits: there is nothing to guess from.
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
