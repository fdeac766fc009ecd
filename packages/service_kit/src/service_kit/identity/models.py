"""The service's own copy of the users, kept current by sync events.

With this copy a service authenticates requests without auth_service, also during its outage.
"""

from __future__ import annotations

from django.db import models


class KnownUser(models.Model):
    """A user in the state that auth_service published last; a deleted user stays as a tombstone.

    Because of the tombstone's version, a late `user_updated` does not restore the user.
    """

    id = models.UUIDField(primary_key=True)
    username = models.CharField(max_length=150, db_index=True)
    #: Any text: a role that this release does not know grants nothing.
    role = models.CharField(max_length=32)
    is_active = models.BooleanField()
    token_version = models.BigIntegerField()
    version = models.BigIntegerField()
    deleted = models.BooleanField(default=False)
    #: Creation of the account; None in a tombstone, and before an event has brought the instant.
    created_at = models.DateTimeField(null=True)

    class Meta:
        """The table."""

        db_table = "known_user"

    def __str__(self) -> str:
        """Return the user name."""
        return self.username

    @property
    def is_authenticated(self) -> bool:
        """Return True: only a user with a checked token becomes the user of a request."""
        return True
