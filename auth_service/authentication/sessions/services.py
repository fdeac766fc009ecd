"""Sessions: sign-in, exchange of refresh tokens, logout.

A refresh token is opaque: the id of its family and 256 secret bits, whose hash the database stores.
Each refresh exchanges the token. For a short grace period the token that was exchanged last gets
the same successor again, because the first answer may be lost, or a second tab may have sent the
same token. Any other exchanged token that comes back proves a theft: either the sender or the
owner of the successor has stolen it. Then all sessions of the user end.
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
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import NotFound

from authentication.accounts.services import NO_SESSION, user_end_sessions
from authentication.api.errors import Unauthenticated
from authentication.credentials.services import credentials_check
from authentication.models import (
    MAX_USER_AGENT_LENGTH,
    RefreshFamily,
    SecurityEventKind,
    User,
)
from authentication.security_log.services import security_event
from authentication.sessions.selectors import session_get
from authentication.sessions.user_agents import program_of
from authentication.tokens.signing import access_token_for
from service_kit.http.client_address import current_client_address

logger = logging.getLogger(__name__)

#: Bytes of a family's id and of the secret in a refresh token.
ID_BYTES = 16
SECRET_BYTES = 32

#: How long the token that was exchanged last gets its successor again: longer than a client waits
#: for an answer and repeats the request, too short for unnoticed use of a stolen token.
GRACE = timedelta(seconds=20)


class SessionEnded(Unauthenticated):
    """The same answer for an unknown, expired, used or revoked refresh token."""

    default_detail = "This session has ended. Log in again."
    default_code = "session_ended"


@dataclass(frozen=True)
class Session:
    """The user and both tokens, the result of a login or a refresh."""

    user: User
    access: str
    refresh: str


def session_start(*, username: str, password: str, user_agent: str = "") -> Session:
    """Sign in and open a session for the program of that User-Agent. Raises InvalidCredentials."""
    user = credentials_check(username=username, password=password)
    now = timezone.now()
    family_id, secret = uuid4(), secrets.token_bytes(SECRET_BYTES)
    with transaction.atomic():
        # The user is locked before the sessions, as everywhere: the opposite order would end in a
        # deadlock.
        User.objects.filter(id=user.id).update(last_login=now)
        # A login deletes the expired sessions of its user: the table stays small without a job.
        RefreshFamily.objects.filter(user=user, expires_at__lte=now).delete()
        RefreshFamily.objects.create(
            id=family_id,
            user=user,
            # The version from before the check of the password: a later change ends this session.
            token_version=user.token_version,
            token_hash=_hash(secret),
            created_at=now,
            rotated_at=now,
            expires_at=_expiry(created_at=now, now=now),
            # A NUL is the one character that the database cannot store.
            user_agent=user_agent.replace("\0", "")[:MAX_USER_AGENT_LENGTH],
            address=current_client_address(),
        )
        security_event(SecurityEventKind.LOGIN, actor=user, subject=user)
    access = access_token_for(user, session_id=family_id)
    return Session(user, access, _encode(family_id, secret))


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
        # In a transaction of its own: users are locked before sessions everywhere.
        _end_for_reuse(family)
        raise SessionEnded
    access = access_token_for(user, session_id=family.id)
    return Session(user, access, _encode(family.id, successor))


def session_end(*, refresh: str, everywhere: bool = True) -> None:
    """Log out: end all sessions of the token's user, or its own. An invalid token is ignored.

    The previous token is accepted too, because its exchange may have crossed the logout.
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
            kept_sessions=NO_SESSION if everywhere else ~Q(id=family_id),
        )


def session_end_one(*, user: User, session_id: UUID) -> None:
    """End one of the user's sessions. Raises NotFound for another's, and for one that has ended."""
    session = session_get(user=user, session_id=session_id)
    user_end_sessions(
        user_id=user.id,
        reason="user",
        by=user,
        kept_sessions=~Q(id=session.id),
        device=str(program_of(session.user_agent)),
    )


def session_end_others(*, user: User, current: UUID | None) -> None:
    """End the user's sessions but the current one; all of them for a token that names none."""
    user_end_sessions(user_id=user.id, reason="user", by=user, kept_sessions=Q(id=current))


def session_replace(*, refresh: str) -> None:
    """End the session that a browser's new session replaces; the user's other sessions stay."""
    parts = _decode(refresh)
    if parts is not None:
        RefreshFamily.objects.filter(
            id=parts[0], token_hash=_hash(parts[1]), revoked_at=None
        ).update(revoked_at=timezone.now())


def _user_of(family: RefreshFamily) -> User | None:
    """Return the user of a locked family, None if the family has ended."""
    if family.revoked_at is not None or family.expires_at <= timezone.now():
        return None
    # Read after the lock was acquired, so that a change made in the meantime counts.
    return User.objects.filter(
        id=family.user_id, deleted=False, is_active=True, token_version=family.token_version
    ).first()


def _successor_of(presented: bytes, family: RefreshFamily) -> bytes | None:
    """Return the successor of the presented secret, None if that is no longer valid.

    The first of several requests with one token exchanges it; the others get the same successor.

    Requires: a lock on the family.
    """
    now = timezone.now()
    if hmac.compare_digest(_hash(presented), family.token_hash):
        return _exchange(presented, family, now)
    successor = _derived(presented, family)
    # Only the token exchanged last derives the current one. An older token never gets anything,
    # because somebody has already used its successor.
    if now < family.rotated_at + GRACE and hmac.compare_digest(_hash(successor), family.token_hash):
        logger.info("a refresh was answered again user=%s", family.user_id)
        return successor
    return None


def _exchange(presented: bytes, family: RefreshFamily, now: datetime) -> bytes:
    """Replace the current secret by its successor, and return the successor."""
    family.successor_salt = secrets.token_hex(SECRET_BYTES)
    successor = _derived(presented, family)
    family.previous_hash = family.token_hash
    family.token_hash = _hash(successor)
    family.rotated_at = now
    family.expires_at = _expiry(created_at=family.created_at, now=now)
    family.address = current_client_address()
    fields = ("successor_salt", "previous_hash", "token_hash", "rotated_at", "expires_at")
    family.save(update_fields=[*fields, "address"])
    return successor


def _derived(presented: bytes, family: RefreshFamily) -> bytes:
    """Return the secret derived from the presented secret and the salt of the last exchange.

    The successor can be computed again without being stored. The computation needs three values of
    three places: the client's token, the salt of the row (random for each exchange, so that no
    chain of tokens can be computed in advance), and the key of this service. With a stolen table,
    backup or key alone, nobody can continue a session.
    """
    value = b"".join((family.id.bytes, family.successor_salt.encode(), presented))
    key_salt = "authentication.sessions.successor"
    return salted_hmac(key_salt, value, algorithm="sha256").digest()


def _end_for_reuse(family: RefreshFamily) -> None:
    """End all sessions of the user, because somebody else has the token.

    Revoking this family alone would not be enough: the thief's access token would stay valid until
    it expires, because the services check the version of the user's tokens only.
    """
    logger.warning("a used refresh token came back, sessions ended user=%s", family.user_id)
    with contextlib.suppress(NotFound):
        user_end_sessions(user_id=family.user_id, reason="reuse", only_version=family.token_version)


def _expiry(*, created_at: datetime, now: datetime) -> datetime:
    idle: datetime = now + settings.REFRESH_IDLE
    absolute: datetime = created_at + settings.REFRESH_ABSOLUTE
    return min(idle, absolute)


def _hash(secret: bytes) -> str:
    # 256 random bits cannot be guessed, so a hash without salt and delay is enough.
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
