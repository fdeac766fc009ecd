"""Counters of a process; `service_kit.observability.metrics` serves them."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUEST_SECONDS = Histogram(
    "ems_request_seconds",
    "Seconds from a request's arrival at the service to its answer.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
BATCH_MESSAGES = Histogram(
    "ems_batch_messages",
    "Messages in one transaction.",
    ["queue"],
    buckets=(1, 10, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000),
)
BATCH_SECONDS = Histogram(
    "ems_batch_seconds",
    "Seconds from a batch's start to its commit.",
    ["queue"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30),
)
UNACKNOWLEDGED = Gauge(
    "ems_unacknowledged_messages",
    "Messages that a consumer took from a queue and has not acknowledged yet.",
    ["queue"],
    multiprocess_mode="livesum",
)
DEAD_LETTERED = Counter(
    "ems_dead_lettered", "Messages, or parts of one, that were rejected.", ["queue", "reason"]
)
UNKNOWN_EVENTS = Counter(
    "ems_unknown_events",
    "Events of a type that this release does not know; they were acknowledged.",
    ["event_type"],
)
SYNC_LAG_SECONDS = Histogram(
    "ems_sync_lag_seconds",
    "Seconds from a change in one service to its arrival in another.",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 30, 300, 3_600),
)
CONSUMING = Gauge(
    "ems_consuming",
    "Whether this process takes messages from the queue (1) or waits for the broker (0).",
    ["queue"],
)
BROKER_INTERRUPTIONS = Counter(
    "ems_broker_interruptions",
    "Times that a connection to the broker was lost, or the broker cancelled its consumer.",
    ["connection", "cause"],
)
