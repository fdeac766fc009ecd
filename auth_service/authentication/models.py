"""Accounts, and the sessions by which people stay logged in."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now

#: Name of the constraint that a taken user name violates.
UNIQUE_USERNAME = "user_username_unique"
#: Name of the constraint that a name violates which looks like another.
UNIQUE_SKELETON = "user_skeleton_unique"

validate_phone = RegexValidator(
    r"^\+?[0-9 ()./-]{3,31}\Z", "A phone number has digits, spaces and ( ) . / - only."
)


class Role(models.TextChoices):
    """What somebody may do: everything, or see what is theirs."""

    ADMIN = "admin", "Administrator"
    CLIENT = "client", "Client"


class UserManager(BaseUserManager["User"]):
    """Django's own, typed."""


class User(AbstractBaseUser):
    """An account. A deleted one stays as a tombstone: id and version, no personal data.

    The tombstone lets `publish_snapshot` tell a service that missed the deletion.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    username = models.CharField(max_length=150, validators=[UnicodeUsernameValidator()])
    #: Equal for all names that look like this one; None for deleted accounts, and for those that
    #: looked like an older one before that was rejected.
    username_skeleton = models.CharField(max_length=64, null=True, editable=False)
    email = models.EmailField(blank=True, default="")
    first_name = models.CharField(max_length=150, blank=True, default="")
    last_name = models.CharField(max_length=150, blank=True, default="")
    phone = models.CharField(max_length=32, blank=True, default="", validators=[validate_phone])
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.CLIENT)
    is_active = models.BooleanField(default=True)
    #: Raised by whatever ends all sessions; tokens and sessions of a lower one are refused.
    token_version = models.BigIntegerField(default=1)
    #: Counts the changes; sync events carry it.
    version = models.BigIntegerField(default=1)
    deleted = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        db_table = "user_account"
        constraints = (
            # Without case, so that nobody can pass for somebody else; deleted users free theirs.
            models.UniqueConstraint(
                Lower("username"), condition=models.Q(deleted=False), name=UNIQUE_USERNAME
            ),
            models.UniqueConstraint(fields=["username_skeleton"], name=UNIQUE_SKELETON),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="user_role_known"
            ),
        )

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN


class RefreshFamily(models.Model):
    """One login and all refresh tokens that follow from it, of which one is good at a time.

    Only hashes are kept: whoever reads the table cannot continue anybody's session. The family
    ends by itself when the user's `token_version` passes its own.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="families")
    token_version = models.BigIntegerField()
    token_hash = models.CharField(max_length=64)
    #: Hash of the token before: a logout with it counts.
    previous_hash = models.CharField(max_length=64, blank=True, default="")
    #: Of the last exchange, to derive its successor again. The default is the database's own: the
    #: former version goes on adding rows while this is there and does not know of it.
    successor_salt = models.CharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "refresh_family"

    user_id: UUID

    def __str__(self) -> str:
        # Not the id: with it anybody could end the session.
        return f"session of {self.user_id} since {self.created_at:%Y-%m-%d}"


class SignInAttempts(models.Model):
    """Wrong passwords in a row, for one user name from one address.

    The key is a keyed hash of both: people type passwords into the wrong field.
    """

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_tried_at = models.DateTimeField(default=now, db_index=True)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "sign_in_attempts"

    def __str__(self) -> str:
        return f"{self.failures} failures"


class SecurityEventKind(models.TextChoices):
    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOCKED = "locked"
    USER_CREATED = "user_created"
    USER_DELETED = "user_deleted"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    ROLE_CHANGED = "role_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name
    SESSION_REVOKED = "session_revoked"
    KEY_ROTATED = "key_rotated"


class SecurityEvent(models.Model):
    """Who did what to whom, when and from where; never changed, without secrets.

    A trigger of the database refuses updates and deletions. Names are those of the time: who it
    was must be readable after the account is gone. No actor: somebody who proved nothing, or the
    platform itself.
    """

    id = models.BigAutoField(primary_key=True)
    occurred_at = models.DateTimeField(default=now)
    kind = models.CharField(max_length=32, choices=SecurityEventKind.choices)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=150, blank=True, default="")
    subject_id = models.UUIDField(null=True)
    subject_name = models.CharField(max_length=150, blank=True, default="")
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True, default="")
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "security_event"
        indexes = (
            models.Index(fields=["kind", "-id"], name="security_event_kind"),
            models.Index(fields=["subject_id", "-id"], name="security_event_subject"),
            models.Index(fields=["actor_id", "-id"], name="security_event_actor"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_name}"
