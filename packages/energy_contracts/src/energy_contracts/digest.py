"""Digests of whole sets of users, devices or pairs, to compare a copy with its owner's data.

Each member is a text `key:version:1`, or `key:version:0` if it is deleted or ended. The key is the
id, or `device_id:user_id` for a pair. The digest is the sum of the first 15 hexadecimal digits of
each text's MD5, modulo 2**64: the digest does not depend on the order, and a database computes it
without sending the set anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import md5
from typing import Annotated, Literal

import msgspec

from energy_contracts.text import Code

Subject = Literal["user", "device", "assignment"]

#: The largest count and version: a signed 64-bit integer, as databases have it.
MAX_COUNT = 2**63 - 1


class ReceivedDigest(msgspec.Struct, frozen=True, kw_only=True):
    """A digest as a receiver decodes it: a subject that `Subject` does not list stays text."""

    subject: Code
    count: Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
    versions: Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]

    def agrees_with(self, other: ReceivedDigest) -> bool:
        """Return whether both are digests of the same set."""
        return (self.subject, self.count, self.versions, self.digest) == (
            other.subject,
            other.count,
            other.versions,
            other.digest,
        )


class Digest(ReceivedDigest, frozen=True, kw_only=True):
    """The number of members (deleted ones too), the sum of their versions, and a digest of the set.

    Count and versions only ever rise, so a copy in which one of them is lower has lost something.
    """

    subject: Subject


def digest_of(subject: Subject, members: Iterable[tuple[str, int, bool]]) -> Digest:
    """Return the digest of members, each given as (key, version, alive)."""
    count = versions = total = 0
    for key, version, alive in members:
        count += 1
        versions += version
        text = f"{key}:{version}:{int(alive)}"
        total += int(md5(text.encode(), usedforsecurity=False).hexdigest()[:15], 16)
    return Digest(subject=subject, count=count, versions=versions, digest=digest_text(total))


def digest_text(total: int) -> str:
    """Return the written form of a sum: 16 hexadecimal digits."""
    return f"{total % 2**64:016x}"
