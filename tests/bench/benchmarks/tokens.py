"""The cost of authentication in a service: the signature and claims of an access token.

A service also reads the user's row, by primary key; every request of the other benchmarks includes
that read.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import django
from django.conf import settings

from support import Account, Row, row

TITLE = "Who is asking: an access token, verified"
ROUNDS = 20
TOKENS_PER_ROUND = 200


def run(quick: bool) -> list[Row]:
    """Return the processor time of a check: other programs on the machine do not count."""
    from service_kit import settings as kit

    with tempfile.TemporaryDirectory() as folder:
        settings.configure(
            JWT_PUBLIC_KEYS_DIR=Path(folder),
            SIMPLE_JWT=kit.simple_jwt(),
            SECRET_KEY=uuid4().hex,
            INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
            USE_TZ=True,
        )
        django.setup()
        from service_kit.access.tokens import VerifiedAccessToken
        from service_kit.testing import TokenIssuer

        issuer = TokenIssuer(Path(folder))
        issued = [issuer.token(Account(uuid4())) for _ in range(TOKENS_PER_ROUND)]
        rounds = []
        for _ in range(2 if quick else ROUNDS):
            begin = time.process_time()
            for token in issued:
                VerifiedAccessToken(token)  # type: ignore[arg-type]
            rounds.append((time.process_time() - begin) / len(issued) * 1000)
    return [
        row("processor time of a check", statistics.median(rounds), "ms", at_most=1),
        row("slowest of its rounds", max(rounds), "ms"),
    ]
