"""Metrics of the live processes."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SOCKETS = Gauge("ems_sockets", "Open sockets that said who they are.", multiprocess_mode="livesum")
PUSHES = Counter("ems_pushes", "Frames handed to sockets.", ["kind"])
for kind in ("hour", "alert"):
    # There before the first frame: a counter that appears with 1 never rose.
    PUSHES.labels(kind)
