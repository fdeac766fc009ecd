"""Metrics of the live processes."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SOCKETS = Gauge("ems_sockets", "Open sockets of authenticated users.", multiprocess_mode="livesum")
PUSHES = Counter("ems_pushes", "Frames sent to sockets.", ["kind"])
for kind in ("hour", "alert"):
    # Created before the first frame: `rate()` does not see a counter appear with 1.
    PUSHES.labels(kind)
