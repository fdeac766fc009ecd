"""At the end of all faults, errors and tracebacks in the logs name no secret."""

from __future__ import annotations

import pytest

from ..support.installation import Installation, World
from ..support.secrets_used import USED, leaks


@pytest.mark.last
def test_no_log_holds_a_secret_after_the_faults(installation: Installation, world: World):
    world.client("secretive")

    assert len(USED) >= 3
    assert not leaks(installation)
