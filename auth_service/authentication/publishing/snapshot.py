"""The snapshot: the current state of all accounts as events, for a service that lost its copy."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from authentication.models import User
from authentication.publishing.events import user_state_event
from service_kit.outbox.services import outbox_append
from service_kit.sync.reconcile import OwnedSets, digest_append

#: Users that a snapshot appends in one transaction.
SNAPSHOT_BATCH = 500

#: The query whose result the other services compare their copies of the users with.
OWNED: OwnedSets = {
    "user": "SELECT id::text AS key, version, NOT deleted AS alive FROM user_account"
}


def snapshot_publish() -> int:
    """Append every user's current state, also tombstones, and a digest; return the number of users.

    The versions are those of the last change, so that a receiver that is up to date ignores them.
    """
    count = 0
    last_id = UUID(int=0)
    while True:
        with transaction.atomic():
            users = list(User.objects.filter(id__gt=last_id).order_by("id")[:SNAPSHOT_BATCH])
            outbox_append([user_state_event(user) for user in users])
        if not users:
            digest_append(OWNED, tables=("user_account",))
            return count
        count += len(users)
        last_id = users[-1].id
