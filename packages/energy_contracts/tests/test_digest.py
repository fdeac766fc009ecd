"""Two sets have the same digest when they are the same, in whatever order."""

from __future__ import annotations

from itertools import permutations

import pytest

from energy_contracts.digest import digest_of

MEMBERS = [("a", 1, True), ("b", 7, False), ("c", 2, True)]


def test_the_digest_does_not_depend_on_the_order():
    assert len({digest_of("user", order) for order in permutations(MEMBERS)}) == 1


@pytest.mark.parametrize(
    "change", [("b", 7, True), ("b", 8, False), ("x", 7, False), ("b", 71, False)]
)
def test_every_difference_of_a_member_changes_the_digest(change):
    other = [MEMBERS[0], change, MEMBERS[2]]

    assert digest_of("user", other).digest != digest_of("user", MEMBERS).digest


def test_the_empty_set_has_a_digest_of_zeros():
    empty = digest_of("user", [])

    assert (empty.count, empty.versions, empty.digest) == (0, 0, "0" * 16)


def test_the_written_form_of_a_digest_is_the_same_in_every_release():
    assert digest_of("user", MEMBERS).digest == "1296e05848431f4b"
