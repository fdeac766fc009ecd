"""A service's own copy of the users, kept by sync events.

With it a request is checked without asking auth_service, also while that is down.
"""

from __future__ import annotations

from django.db import models


class KnownUser(models.Model):
    """A user as auth_service last reported them; a deleted one stays as a tombstone.

    The tombstone's version keeps a late `user_updated` from bringing the user back.
    """

    id = models.UUIDField(primary_key=True)
    username = models.CharField(max_length=150, db_index=True)
    #: Any text: a role that this release does not know grants nothing.
    role = models.CharField(max_length=32)
    is_active = models.BooleanField()
    token_version = models.BigIntegerField()
    version = models.BigIntegerField()
    deleted = models.BooleanField(default=False)
    #: When the account was opened; None in a tombstone, and until an event has said it.
    created_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "known_user"

    def __str__(self) -> str:
        return self.username

    @property
    def is_authenticated(self) -> bool:
        """True: an instance only ever stands for somebody whose token was checked."""
        return True

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"
