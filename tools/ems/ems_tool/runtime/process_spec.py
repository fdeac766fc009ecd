"""The description of a process that the command sends to the supervisor."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class ProcessSpec:
    """The command line, environment and stop rules of one process."""

    name: str
    argv: list[str]
    cwd: str
    env: dict[str, str] = field(repr=False, default_factory=dict)
    #: Processes of a higher rank are stopped before those of a lower one.
    rank: int = 2
    #: The signal that requests its end.
    stop_signal: str = "TERM"
    #: Seconds it has to end; then it is killed.
    stop_seconds: float = 15.0

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that the control socket carries."""
        return asdict(self)
