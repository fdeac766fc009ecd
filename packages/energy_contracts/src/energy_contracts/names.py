"""Names of the queues and exchanges that other programs use."""

from __future__ import annotations

#: Virtual host of the meters: the default one, so that a client need not name it.
METERS_VHOST = "/"

#: Virtual host of the services. No right of a meter's user reaches into it.
PLATFORM_VHOST = "platform"

#: Queue to which meters send their readings, through the default exchange.
READINGS_QUEUE = "device_data_queue"

#: Topic exchange of the sync events; the routing key is the event type.
SYNC_EXCHANGE = "sync_exchange"

#: Direct exchange of the dead letters, to which only the platform may write. A message in a
#: dead-letter queue that did not come by this exchange was written by another program.
DEAD_LETTER_EXCHANGE = "dead_letter_exchange"

#: Prefix of the queues that a listener to sync events may declare.
LISTENER_PREFIX = "listener."

#: Header of a dead letter with the reason code, beside one with the explanation for people.
REASON_HEADER = "x-reason"
DETAIL_HEADER = "x-detail"

#: Header of an event that continues the trace of its change: the traceparent of W3C Trace Context.
TRACEPARENT_HEADER = "traceparent"


def dead_letter_queue(queue: str) -> str:
    """Return the name of the queue of messages that `queue`'s consumer rejected."""
    return f"{queue}.dead"


def sync_queue(service: str) -> str:
    """Return the name of the queue of sync events of a service, e.g. "device_service"."""
    return f"sync_queue.{service}"


#: The code of a device's first channel: that of messages and requests which name none.
MAIN_CHANNEL = "main"
