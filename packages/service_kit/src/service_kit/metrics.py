"""What a process counted, and what its database and its queues say, for Prometheus.

Inside the installation only: the gateway does not route `/metrics`. A web process answers it
itself; a worker has a tiny server of its own for it, where METRICS_BIND names an address.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator

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
from service_kit.background import start_thread
from service_kit.broker import BROKER_UNAVAILABLE, queue_depths
from service_kit.counters import REQUEST_SECONDS

logger = logging.getLogger(__name__)


class MetricsMiddleware:
    """Answers `/metrics`, and times every other request under its route.

    Not a route of its own: Prometheus asks by a name or number that is none of the hosts for which
    Django answers. By route, because each path with an id in it would be a series for ever.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/metrics":
            return _answer()
        began = time.perf_counter()
        response = self.get_response(request)
        REQUEST_SECONDS.labels(method_of(request), route_of(request), response.status_code).observe(
            time.perf_counter() - began
        )
        return response


#: A client may invent methods, and each would be a series for ever.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def method_of(request: HttpRequest) -> str:
    """The request's method, "other" for an unknown one."""
    return request.method if request.method in _METHODS else "other"


def route_of(request: HttpRequest) -> str:
    """The pattern of an answered request's path, "none" for a path that fits none."""
    found = request.resolver_match
    return "none" if found is None else str(found.route)


class StateCollector(Collector):
    """What is asked anew at each scrape: the outbox, the queues, the service's own tables.

    What cannot be asked is left out, so that its absence shows.
    """

    def collect(self) -> Iterator[Metric]:
        try:
            yield from _outbox()
            own = getattr(settings, "METRICS", None)
            if own is not None:
                yield from import_string(own)()
        except Error as error:
            logger.info("metrics without the database: %s", str(error).strip())
        try:
            yield from _queues()
        except BROKER_UNAVAILABLE as error:
            logger.info("metrics without the broker: %s", error or type(error).__name__)


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


def _queues() -> Iterable[Metric]:
    names = [sync_queue(settings.SERVICE_NAME)] if hasattr(settings, "SYNC_HANDLERS") else []
    names += getattr(settings, "METRICS_QUEUES", [])
    if not names:
        return
    wanted = [one for name in names for one in (name, dead_letter_queue(name))]
    family = GaugeMetricFamily("ems_queue_messages", "Messages ready in a queue.", labels=["queue"])
    for queue, depth in queue_depths(settings.RABBITMQ_URL, wanted).items():
        if depth is not None:
            family.add_metric([queue], depth)
    yield family


def _answer() -> HttpResponse:
    """All that a web process knows; with several of them, of all, where they share a folder."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    states = CollectorRegistry()
    states.register(StateCollector())
    text = generate_latest(registry) + generate_latest(states)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def serve() -> None:
    """Let a worker be scraped at METRICS_BIND ("address:port"), where that is set."""
    address = os.environ.get("METRICS_BIND")
    if not address:
        return
    host, _, port = address.rpartition(":")
    try:
        _, server = start_http_server(int(port), host)
    except (OSError, ValueError) as error:
        # The work matters more than being watched at it.
        logger.error("not to be scraped at METRICS_BIND=%s: %s", address, error)
        return
    # A server that ended later would look like an outage of the whole process for ever.
    start_thread("metrics", server.join)
