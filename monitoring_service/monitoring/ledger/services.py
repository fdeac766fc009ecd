"""The ledger: counts of readings by outcome, written in the transaction of their batch."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from energy_contracts.reading import RejectedReading

#: Ledger rows of one minute. With one row, every process would wait for the commit of the others.
LEDGER_SHARDS = 16

_ADD_TO_LEDGER = """
INSERT INTO ledger_minute (minute, shard, received, stored, corrected, duplicates, rejected)
VALUES (date_trunc('minute', now()), %s, %s, %s, %s, %s, %s)
ON CONFLICT (minute, shard) DO UPDATE SET
    received = ledger_minute.received + excluded.received,
    stored = ledger_minute.stored + excluded.stored,
    corrected = ledger_minute.corrected + excluded.corrected,
    duplicates = ledger_minute.duplicates + excluded.duplicates,
    rejected = ledger_minute.rejected + excluded.rejected
"""

_ADD_REJECTIONS = """
INSERT INTO ledger_rejection (minute, shard, reason, rejected)
SELECT date_trunc('minute', now()), %s, i.reason, i.rejected
FROM unnest(%s::text[], %s::bigint[]) AS i (reason, rejected) ORDER BY i.reason
ON CONFLICT (minute, shard, reason) DO UPDATE SET
    rejected = ledger_rejection.rejected + excluded.rejected
"""


@dataclass(slots=True)
class Tally:
    """The outcomes of the readings of one batch.

    `received` is the sum of all others; the database rejects a tally that does not balance.
    """

    received: int = 0
    stored: int = 0
    corrected: int = 0
    duplicates: int = 0
    rejected: list[RejectedReading] = field(default_factory=list)


def ledger_add(tally: Tally) -> None:
    """Add the tally of a batch to the current minute.

    Requires: the transaction of the batch.
    """
    if tally.received == 0:
        return
    shard = os.getpid() % LEDGER_SHARDS
    reasons = Counter(str(rejected.error.reason) for rejected in tally.rejected)
    columns = [tally.received, tally.stored, tally.corrected, tally.duplicates]
    with connection.cursor() as cursor:
        cursor.execute(_ADD_TO_LEDGER, [shard, *columns, len(tally.rejected)])
        if reasons:
            cursor.execute(_ADD_REJECTIONS, [shard, list(reasons), list(reasons.values())])


def ledger_compact(before: datetime) -> int:
    """Merge the minutes before the instant into days; return the number of merged rows.

    A year of minutes has half a million rows for each process, and every read of the totals sums
    all rows. Days have the shard -1, which no process uses, so a repeated call changes nothing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH old AS (
                DELETE FROM ledger_minute WHERE minute < date_trunc('day', %s) AND shard >= 0
                RETURNING *
            ), merged AS (
                INSERT INTO ledger_minute AS l
                SELECT date_trunc('day', minute), -1, sum(received), sum(stored), sum(corrected),
                       sum(duplicates), sum(rejected)
                FROM old GROUP BY 1
                ON CONFLICT (minute, shard) DO UPDATE SET
                    received = l.received + excluded.received,
                    stored = l.stored + excluded.stored,
                    corrected = l.corrected + excluded.corrected,
                    duplicates = l.duplicates + excluded.duplicates,
                    rejected = l.rejected + excluded.rejected
            )
            SELECT count(*) FROM old
            """,
            [before],
        )
        (merged,) = cursor.fetchone()
        cursor.execute(
            """
            WITH old AS (
                DELETE FROM ledger_rejection WHERE minute < date_trunc('day', %s) AND shard >= 0
                RETURNING *
            )
            INSERT INTO ledger_rejection AS l
            SELECT date_trunc('day', minute), -1, reason, sum(rejected) FROM old GROUP BY 1, 3
            ON CONFLICT (minute, shard, reason) DO UPDATE SET
                rejected = l.rejected + excluded.rejected
            """,
            [before],
        )
    return int(merged)
