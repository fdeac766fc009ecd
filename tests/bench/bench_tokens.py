"""What it costs a service to find out who is asking: the signature and claims of an access token.

The user's row is read besides, by primary key; that is measured with every request of the other
benchmarks. Runs alone: `python tests/bench/bench_tokens.py`.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import django
from django.conf import settings

#: Milliseconds a check may cost.
GOAL_MS = 1.0

ROUNDS = 20
TOKENS_PER_ROUND = 200


def run() -> list[dict[str, Any]]:
    """Milliseconds of one check: median and slowest round, and the goal.

    Processor time: what others do on the machine meanwhile is not the check's cost.
    """
    with tempfile.TemporaryDirectory() as folder:
        if not settings.configured:
            from service_kit import settings as kit

            settings.configure(
                JWT_PUBLIC_KEYS_DIR=folder,
                SIMPLE_JWT=kit.simple_jwt(),
                SECRET_KEY=uuid4().hex,
                INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
                USE_TZ=True,
            )
            django.setup()
        from service_kit import tokens
        from service_kit.testing import TokenIssuer

        settings.JWT_PUBLIC_KEYS_DIR = Path(folder)
        tokens.verifying_backend.cache_clear()
        issuer = TokenIssuer(Path(folder))
        user = SimpleNamespace(id=uuid4(), username="alice", role="client", token_version=1)
        issued = [issuer.token(user) for _ in range(TOKENS_PER_ROUND)]
        rounds = []
        for _ in range(ROUNDS):
            started = time.process_time()
            for token in issued:
                tokens.VerifiedAccessToken(token)  # type: ignore[arg-type]
            rounds.append((time.process_time() - started) / len(issued) * 1000)
    median = statistics.median(rounds)
    return [
        {
            "what": "verify an access token",
            "median_ms": round(median, 3),
            "slowest_round_ms": round(max(rounds), 3),
            "goal_ms": GOAL_MS,
            "reached": median < GOAL_MS,
        }
    ]


def main() -> None:
    from rich.console import Console
    from rich.table import Table

    rows = run()
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
