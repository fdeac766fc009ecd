"""What the supervisor needs to know of one process."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class ProcessSpec:
    """How to start and stop one process."""

    name: str
    argv: list[str]
    cwd: str
    env: dict[str, str] = field(repr=False, default_factory=dict)
    #: Processes of a higher rank are stopped before those of a lower one.
    rank: int = 2
    #: The signal that asks it to stop.
    stop_signal: str = "TERM"
    #: Seconds it has for that; then it is killed.
    stop_seconds: float = 15.0

    def as_dict(self) -> dict[str, Any]:
        """Return the form in which it travels to the supervisor."""
        return asdict(self)
