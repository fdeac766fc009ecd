"""Whether a copy is what its owner has, found out by an event: no service asks another.

The owner's snapshot ends with a digest of its sets. A receiver compares its copies at the moment
that event arrives, when it has handled all that was published before, and keeps the comparison for
`manage.py reconcile`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from energy_contracts.digest import Digest, Subject, digest_text
from energy_contracts.events import SnapshotData, SyncEvent, new_event
from service_kit.outbox.services import outbox_append
from service_kit.sync.models import SnapshotCheck

logger = logging.getLogger(__name__)

#: For each subject a SELECT of its members, deleted ones too, as (key text, version, alive).
Sets = Mapping[Subject, str]

_DIGEST = """
SELECT count(*), coalesce(sum(version), 0), coalesce(sum(part), 0) FROM (
    SELECT version,
        ('x' || substr(md5(key || ':' || version || ':' || alive::int), 1, 15))::bit(60)::bigint
        AS part
    FROM ({members}) AS members
) AS parts
"""


def digest_now(subject: Subject, members: str) -> Digest:
    """The digest of the members that a SELECT finds, computed by the database."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST.format(members=members))
        count, versions, total = cursor.fetchone()
    return Digest(
        subject=subject, count=count, versions=int(versions), digest=digest_text(int(total))
    )


def digest_append(owned: Sets, *, tables: Iterable[str]) -> None:
    """Append an event with the digests of an owner's sets, which lie in `tables`.

    Changes wait meanwhile. Without that an event of a change not yet committed could stand before
    the digest that does not count it, and every receiver would see a difference.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE MODE")
        digests = [digest_now(subject, members) for subject, members in owned.items()]
        event = new_event(
            "snapshot_published",
            version=time.time_ns() // 1_000_000,
            source=settings.SERVICE_NAME,
            data=SnapshotData(digests=digests),
        )
        outbox_append([event])


def copies() -> Sets:
    """This service's copies of what others own; a service that only owns has none."""
    path = getattr(settings, "SYNC_COPIES", None)
    found: Sets = import_string(path) if path else {}
    return found


def on_snapshot_published(event: SyncEvent[SnapshotData]) -> None:
    """Compare the copies, keep the outcome, and tell the log of a difference."""
    for expected in event.data.digests:
        members = copies().get(expected.subject)
        check = SnapshotCheck.objects.filter(subject=expected.subject).first()
        if members is None or (check is not None and check.version >= event.version):
            continue
        found = digest_now(expected.subject, members)
        SnapshotCheck.objects.update_or_create(
            subject=expected.subject,
            defaults={
                "source": event.source,
                "version": event.version,
                "taken_at": event.occurred_at,
                "count": expected.count,
                "versions": expected.versions,
                "digest": expected.digest,
                "agreed": found == expected,
            },
        )
        if found != expected:
            logger.warning(
                "the copy of %s differs from the snapshot of %s: %s of %s",
                expected.subject,
                event.source,
                found.count,
                expected.count,
            )


def finding(check: SnapshotCheck | None, found: Digest) -> tuple[bool, str]:
    """Whether a copy as it is `found` now is in order, and a sentence about it."""
    if check is None:
        return False, "never compared: no snapshot of its owner has arrived"
    at = f"{check.source}'s snapshot of {check.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    expected = Digest(
        subject=found.subject, count=check.count, versions=check.versions, digest=check.digest
    )
    if found == expected:
        return True, f"{found.count} as in {at}"
    numbers = f"{found.count} here, {expected.count} in {at}"
    if not check.agreed:
        return False, f"drift: {numbers}"
    # Members never vanish and versions never fall: what is lower now was lost here.
    if found.count < expected.count or found.versions <= expected.versions:
        return False, f"drift since it agreed: {numbers}"
    return True, f"agreed, and changed by events since: {numbers}"
