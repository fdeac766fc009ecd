"""The ledger: what became of every reading, written in the transaction of its batch."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from energy_contracts.reading import RejectedReading


@dataclass(slots=True)
class Counts:
    """The ledger's columns for one batch; received = the sum of the others and the refused."""

    received: int = 0
    stored: int = 0
    corrected: int = 0
    duplicates: int = 0


#: Ledger rows of one minute: processes that write the same one would wait for each other's commit.
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
class Account:
    """What became of a batch's readings; received = the sum of the other counts and the refused."""

    counts: Counts
    refused: list[RejectedReading]


def add_to_ledger(account: Account) -> None:
    """Add a batch's account to the present minute; within its transaction."""
    counts = account.counts
    if counts.received == 0:
        return
    shard = os.getpid() % LEDGER_SHARDS
    reasons = Counter(str(one.error.reason) for one in account.refused)
    columns = [counts.received, counts.stored, counts.corrected, counts.duplicates]
    with connection.cursor() as cursor:
        cursor.execute(_ADD_TO_LEDGER, [shard, *columns, len(account.refused)])
        if reasons:
            cursor.execute(_ADD_REJECTIONS, [shard, list(reasons), list(reasons.values())])


def ledger_compact(before: datetime) -> int:
    """Merge the ledger's minutes before that instant to days; how many rows that were.

    A year of minutes would have half a million rows a process, which every look at the totals adds
    up. Days are marked by a shard that no process has, so that doing it twice changes nothing.
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
