"""Accounts, their sessions, failed sign-ins and the security log."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.timezone import now

#: Name of the constraint that a user name violates which exists already.
UNIQUE_USERNAME = "user_username_unique"
#: Name of the constraint that a user name violates which looks like an existing one.
UNIQUE_SKELETON = "user_skeleton_unique"

#: Characters of a User-Agent header that are stored at most.
MAX_USER_AGENT_LENGTH = 300

validate_phone = RegexValidator(
    r"^\+?[0-9 ()./-]{3,31}\Z", "A phone number has digits, spaces and ( ) . / - only."
)


class Role(models.TextChoices):
    """The roles of an account; `service_kit.access.permissions` defines their permissions."""

    ADMIN = "admin", "Administrator"
    CLIENT = "client", "Client"


class Language(models.TextChoices):
    """The languages of the dashboard."""

    ENGLISH = "en", "English"
    ROMANIAN = "ro", "Română"


class Theme(models.TextChoices):
    """The colours of the dashboard; `auto` are those of the user's system."""

    LIGHT = "light", "Light"
    DARK = "dark", "Dark"
    AUTO = "auto", "System"


class UserManager(BaseUserManager["User"]):
    """Django's own manager, typed."""


class User(AbstractBaseUser):
    """An account; a deleted one stays as a tombstone with id and version, without personal data.

    Because of the tombstone, `publish_snapshot` repeats the deletion for a service that missed it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    username = models.CharField(max_length=150, validators=[UnicodeUsernameValidator()])
    #: Equal for all names that look like this one. None for deleted accounts, and for older ones
    #: whose names look like another: they were created before such names were rejected.
    username_skeleton = models.CharField(max_length=64, null=True, editable=False)
    email = models.EmailField(blank=True, default="")
    first_name = models.CharField(max_length=150, blank=True, default="")
    last_name = models.CharField(max_length=150, blank=True, default="")
    phone = models.CharField(max_length=32, blank=True, default="", validators=[validate_phone])
    #: Empty until the user chooses: each browser then decides for itself. The default of these two
    #: is the database's: during an upgrade the former release adds rows without the columns.
    language = models.CharField(
        max_length=8, choices=Language.choices, blank=True, default="", db_default=""
    )
    theme = models.CharField(
        max_length=8, choices=Theme.choices, blank=True, default="", db_default=""
    )
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.CLIENT)
    is_active = models.BooleanField(default=True)
    #: Incremented by each action that ends all sessions; tokens of a lower version are rejected.
    token_version = models.BigIntegerField(default=1)
    #: Number of the last change; sync events carry it.
    version = models.BigIntegerField(default=1)
    deleted = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        """Table and constraints."""

        db_table = "user_account"
        constraints = (
            # Ignores case, so that nobody can imitate another user; a deleted user frees the name.
            models.UniqueConstraint(
                Lower("username"), condition=models.Q(deleted=False), name=UNIQUE_USERNAME
            ),
            models.UniqueConstraint(fields=["username_skeleton"], name=UNIQUE_SKELETON),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in Role]), name="user_role_known"
            ),
        )


class RefreshFamily(models.Model):
    """A login and the chain of refresh tokens that follows from it; one of the tokens is valid.

    The table holds hashes alone, so that a reader of the table cannot continue a session. The
    family ends by itself when the user's `token_version` becomes higher than its own.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="families")
    token_version = models.BigIntegerField()
    token_hash = models.CharField(max_length=64)
    #: Hash of the previous token, with which a logout is accepted too.
    previous_hash = models.CharField(max_length=64, blank=True, default="")
    #: Random part of the last exchange, from which its successor can be derived again. The default
    #: is the database's: during an upgrade the former release adds rows without this column.
    successor_salt = models.CharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    #: The program that signed in, in its own words: the User-Agent header, possibly cut.
    user_agent = models.CharField(
        max_length=MAX_USER_AGENT_LENGTH, blank=True, default="", db_default=""
    )
    #: The client's address at the last exchange; None for sessions of a former release.
    address = models.GenericIPAddressField(null=True)

    class Meta:
        """Table, its name for people, and the index of a user's list."""

        db_table = "refresh_family"
        verbose_name = "session"
        indexes = (
            models.Index(fields=["user", "-rotated_at", "-id"], name="refresh_family_last_used"),
        )

    user_id: UUID

    def __str__(self) -> str:
        """Return user and start of the session, without its id: the id is half of the token."""
        return f"session of {self.user_id} since {self.created_at:%Y-%m-%d}"


class SignInAttempts(models.Model):
    """The number of wrong passwords in a row, for one user name from one address.

    The key is a keyed hash of both, because people type passwords into the field of the name.
    """

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_tried_at = models.DateTimeField(default=now, db_index=True)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        """Table."""

        db_table = "sign_in_attempts"

    def __str__(self) -> str:
        """Return the number of failures, without the key."""
        return f"{self.failures} failures"


class SecurityEventKind(models.TextChoices):
    """The kinds of entries of the security log."""

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
    """An entry of the security log: actor, action, subject, time and address, without secrets.

    A trigger of the database rejects updates and deletions. Names are those at the time of the
    event, because the entry must be readable after the account is deleted. The actor is null for
    unauthenticated requests and for actions of the platform itself.
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
        """Table and the indexes of its filters."""

        db_table = "security_event"
        indexes = (
            models.Index(fields=["kind", "-id"], name="security_event_kind"),
            models.Index(fields=["subject_id", "-id"], name="security_event_subject"),
            models.Index(fields=["actor_id", "-id"], name="security_event_actor"),
        )

    def __str__(self) -> str:
        """Return kind and subject."""
        return f"{self.kind} {self.subject_name}"
