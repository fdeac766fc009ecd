"""Metrics for Prometheus: counters of the process, and the state of its database and queues.

Metrics are served only inside the installation: the gateway does not route `/metrics`. A web
process answers the path itself; a worker starts a small server for it, if METRICS_BIND names an
address.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.module_loading import import_string
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from energy_contracts.names import dead_letter_queue, sync_queue
from service_kit.broker import BROKER_UNAVAILABLE, queue_depths
from service_kit.process.background import start_thread
from service_kit.process.counters import REQUEST_SECONDS

logger = logging.getLogger(__name__)


class MetricsMiddleware:
    """Answers `/metrics`, and times every other request by its route.

    `/metrics` is no route, because Prometheus sends a host name that Django does not accept. Times
    are by route, because each path with an id in it would be a series that never ends.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Wrap the next middleware or the view."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `/metrics`, or pass the request on and time it."""
        if request.path == "/metrics":
            return _answer()
        began = time.perf_counter()
        response = self.get_response(request)
        REQUEST_SECONDS.labels(method_of(request), route_of(request), response.status_code).observe(
            time.perf_counter() - began
        )
        return response


#: A client may invent methods, and each would be a series that never ends.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def method_of(request: HttpRequest) -> str:
    """Return the request's method, "other" for an unknown one."""
    return request.method if request.method in _METHODS else "other"


def route_of(request: HttpRequest) -> str:
    """Return the pattern of an answered request's path, "none" for an unknown path."""
    match = request.resolver_match
    return "none" if match is None else str(match.route)


class StateCollector(Collector):
    """Metrics that are read at each scrape: the outbox, the queues, the service's own tables.

    A value that cannot be read is omitted, so that its absence is visible. One scrape opens at
    most one connection to each virtual host of the broker, and reads no message.
    """

    def collect(self) -> Iterator[Metric]:
        """Yield the kit's metrics, then those of the function that `settings.METRICS` names."""
        queues: dict[str, int | None] = {}
        try:
            queues = _queue_depths()
        except BROKER_UNAVAILABLE as error:
            logger.info("metrics without the broker: %s", error or type(error).__name__)
        else:
            yield from _queues(queues)
        try:
            yield from _outbox()
            own = getattr(settings, "METRICS", None)
            if own is not None:
                yield from import_string(own)(queues)
        except Error as error:
            logger.info("metrics without the database: %s", str(error).strip())


def _outbox() -> Iterable[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8"
            " FROM outbox_event WHERE published_at IS NULL"
        )
        waiting, oldest = cursor.fetchone()
    yield GaugeMetricFamily("ems_outbox_events", "Events not yet published.", value=waiting)
    yield GaugeMetricFamily(
        "ems_outbox_oldest_seconds", "Age of the oldest event not yet published.", value=oldest
    )


def _queue_depths() -> dict[str, int | None]:
    synced = [sync_queue(settings.SERVICE_NAME)] if hasattr(settings, "SYNC_HANDLERS") else []
    of_meters = getattr(settings, "METRICS_QUEUES", [])
    of_platform = [*synced, *map(dead_letter_queue, (*synced, *of_meters))]
    depths = queue_depths(settings.RABBITMQ_URL, of_platform) if of_platform else {}
    if of_meters:
        depths |= queue_depths(settings.METERS_RABBITMQ_URL, of_meters)
    return depths


def _queues(depths: Mapping[str, int | None]) -> Iterable[Metric]:
    if not depths:
        return
    family = GaugeMetricFamily("ems_queue_messages", "Messages ready in a queue.", labels=["queue"])
    for queue, depth in depths.items():
        if depth is not None:
            family.add_metric([queue], depth)
    yield family


def _answer() -> HttpResponse:
    """Return all metrics of a web process, or of all that share PROMETHEUS_MULTIPROC_DIR."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    states = CollectorRegistry()
    states.register(StateCollector())
    text = generate_latest(registry) + generate_latest(states)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def serve() -> None:
    """Start a worker's server of metrics at METRICS_BIND ("address:port"), if that is set."""
    address = os.environ.get("METRICS_BIND")
    if not address:
        return
    host, _, port = address.rpartition(":")
    try:
        _, server = start_http_server(int(port), host)
    except (OSError, ValueError) as error:
        # Keep running without metrics: the work is more important.
        logger.error("no metrics at METRICS_BIND=%s: %s", address, error)
        return
    # A server that ended later would look like an outage of the whole process until a restart.
    start_thread("metrics", server.join)
