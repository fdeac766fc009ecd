"""What a whole set of users, devices or pairs comes to, so that an owner and a copy can compare.

Each member counts as `key:version:1`, or `:0` for one that is deleted or ended; the key is the id,
of a pair `device_id:user_id`. The digest is the sum of the first 15 hexadecimal digits of the MD5
of each, modulo 2**64: no order, and a database computes it without sending the set anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import md5
from typing import Annotated, Literal

import msgspec

Subject = Literal["user", "device", "assignment"]

#: The largest count and version: a signed 64-bit integer, as databases have it.
MAX_COUNT = 2**63 - 1


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """Members (deleted ones too), the sum of their versions, and the digest of both with the keys.

    Count and versions only ever rise, so a copy in which one is lower has lost something.
    """

    subject: Subject
    count: Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
    versions: Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]


def digest_of(subject: Subject, members: Iterable[tuple[str, int, bool]]) -> Digest:
    """The digest of (key, version, is it there) triples."""
    count = versions = total = 0
    for key, version, alive in members:
        count += 1
        versions += version
        text = f"{key}:{version}:{int(alive)}"
        total += int(md5(text.encode(), usedforsecurity=False).hexdigest()[:15], 16)
    return Digest(subject=subject, count=count, versions=versions, digest=digest_text(total))


def digest_text(total: int) -> str:
    """The written form of a sum."""
    return f"{total % 2**64:016x}"
