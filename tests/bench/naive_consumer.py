"""The consumer of tutorials: a model instance, a transaction and an ack for each reading.

It runs in the folder and environment of monitoring_service, and prints readings a second.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from datetime import datetime

import django

sys.path.insert(0, ".")
django.setup()

import pika  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import F  # noqa: E402

from monitoring.models import Device, Hour, Reading  # noqa: E402
from service_kit.broker.connection import with_own_socket_pair  # noqa: E402


def open_connection() -> pika.BlockingConnection:
    parameters = pika.URLParameters(settings.METERS_RABBITMQ_URL)
    return with_own_socket_pair(lambda: pika.BlockingConnection(parameters))


def store(body: bytes) -> None:
    reading = json.loads(body)
    started_at = datetime.fromisoformat(reading["timestamp"])
    value = round(reading["measurement_value"] * 1e6)
    start = started_at.replace(minute=0, second=0)
    with transaction.atomic():
        key = Device.objects.get(device_id=reading["device_id"]).key
        _, created = Reading.objects.get_or_create(
            device_key=key,
            started_at=started_at,
            defaults={"value_milliwh": value, "revision": 0},
        )
        if created:
            Hour.objects.get_or_create(
                device_key=key,
                start=start,
                defaults={"energy_milliwh": 0, "reading_count": 0},
            )
            Hour.objects.filter(device_key=key, start=start).update(
                energy_milliwh=F("energy_milliwh") + value, reading_count=F("reading_count") + 1
            )


def main(count: int) -> float:
    Reading.objects.all().delete()
    with closing(open_connection()) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=1)
        begin = time.perf_counter()
        for taken, (method, _, body) in enumerate(channel.consume("device_data_queue"), start=1):
            store(body)
            channel.basic_ack(method.delivery_tag)
            if taken == count:
                break
        seconds = time.perf_counter() - begin
        channel.cancel()
    return count / seconds


if __name__ == "__main__":
    print(main(int(sys.argv[1])))
