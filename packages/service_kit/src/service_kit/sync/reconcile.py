"""The comparison of copies with their owners' data, by an event instead of a request.

The owner's snapshot ends with a digest of its sets. A receiver compares its copies when that event
arrives, after all earlier events, and stores the result for `manage.py reconcile`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from energy_contracts.digest import Digest, ReceivedDigest, Subject, digest_text
from energy_contracts.events import ReceivedSnapshotData, SnapshotData, SyncEvent, new_event
from service_kit.outbox.services import outbox_append
from service_kit.sync.models import SnapshotCheck

logger = logging.getLogger(__name__)

#: For each subject a SELECT of its members, deleted ones too, as (key text, version, alive).
Sets = Mapping[str, str]
#: The same for the sets that a service owns; a wrong subject fails the type check.
OwnedSets = Mapping[Subject, str]

_DIGEST = """
SELECT count(*), coalesce(sum(version), 0), coalesce(sum(part), 0) FROM (
    SELECT version,
        ('x' || substr(md5(key || ':' || version || ':' || alive::int), 1, 15))::bit(60)::bigint
        AS part
    FROM ({members}) AS members
) AS parts
"""


def digest_now(subject: str, members: str) -> ReceivedDigest:
    """Return the digest of the members that a SELECT returns, computed by the database."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST.format(members=members))
        count, versions, total = cursor.fetchone()
    return ReceivedDigest(
        subject=subject, count=count, versions=int(versions), digest=digest_text(int(total))
    )


def digest_append(owned: OwnedSets, *, tables: Iterable[str]) -> None:
    """Append an event with the digests of an owner's sets, which are rows of `tables`.

    Changes of the tables wait meanwhile. Without that an event of a change not yet committed could
    precede the digest that does not count it, and every receiver would see a difference.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE MODE")
        digests = []
        for subject, members in owned.items():
            current = digest_now(subject, members)
            digests.append(
                Digest(
                    subject=subject,
                    count=current.count,
                    versions=current.versions,
                    digest=current.digest,
                )
            )
        event = new_event(
            "snapshot_published",
            version=time.time_ns() // 1_000_000,
            source=settings.SERVICE_NAME,
            data=SnapshotData(digests=digests),
        )
        outbox_append([event])


def copies() -> Sets:
    """Return this service's copies by `settings.SYNC_COPIES`; a service may have none."""
    path = getattr(settings, "SYNC_COPIES", None)
    sets: Sets = import_string(path) if path else {}
    return sets


def on_snapshot_published(event: SyncEvent[ReceivedSnapshotData]) -> None:
    """Compare the copies with the digests, store the result, and log a difference."""
    for expected in event.data.digests:
        members = copies().get(expected.subject)
        check = SnapshotCheck.objects.filter(subject=expected.subject).first()
        if members is None or (check is not None and check.version >= event.version):
            continue
        actual = digest_now(expected.subject, members)
        agreed = actual.agrees_with(expected)
        SnapshotCheck.objects.update_or_create(
            subject=expected.subject,
            defaults={
                "source": event.source,
                "version": event.version,
                "taken_at": event.occurred_at,
                "count": expected.count,
                "versions": expected.versions,
                "digest": expected.digest,
                "agreed": agreed,
            },
        )
        if not agreed:
            logger.warning(
                "the copy of %s differs from the snapshot of %s: %s of %s",
                expected.subject,
                event.source,
                actual.count,
                expected.count,
            )


def assess(check: SnapshotCheck | None, actual: ReceivedDigest) -> tuple[bool, str]:
    """Return whether a copy whose digest is `actual` is in order, and a sentence about it."""
    if check is None:
        return False, "never compared: no snapshot of its owner has arrived"
    at = f"{check.source}'s snapshot of {check.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    expected = ReceivedDigest(
        subject=actual.subject, count=check.count, versions=check.versions, digest=check.digest
    )
    if actual.agrees_with(expected):
        return True, f"{actual.count} as in {at}"
    numbers = f"{actual.count} here, {expected.count} in {at}"
    if not check.agreed:
        return False, f"drift: {numbers}"
    # Members never vanish and versions never fall: a lower number was lost here.
    if actual.count < expected.count or actual.versions <= expected.versions:
        return False, f"drift since it agreed: {numbers}"
    return True, f"agreed, and changed by events since: {numbers}"
