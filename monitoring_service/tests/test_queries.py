"""The number of queries of every route of this service, by `query_contract`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from monitoring.ingest.pipeline import store_messages
from monitoring.models import Alert, DeadLetterDiscard, Device, HeldJump, RemovedReading
from monitoring.sync.services import device_apply
from service_kit.testing.query_contract import QueryContract

from .conftest import NOON, at, device_data


class TestQueries(QueryContract):
    """All tests of the contract."""

    COUNTS = Path(__file__).parent / "query_counts.json"
    #: They read from the broker, not from the database: `dead_letters/` has their tests.
    EQUIVALENT = frozenset(
        {
            "GET /api/monitoring/ingestion/dead-letters/",
            "GET /api/monitoring/ingestion/dead-letters/replay/",
            "POST /api/monitoring/ingestion/dead-letters/replay/",
            "POST /api/monitoring/ingestion/dead-letters/discards/",
        }
    )

    @pytest.fixture
    def client(self, api, admin):
        return api(admin)

    @pytest.fixture
    def known(self, meter, admin, cache):
        for _ in range(4):
            device_apply(data=device_data(uuid4()), version=1, occurred_at=NOON)
        Device.objects.bulk_create(Device(device_id=uuid4(), timezone="UTC") for _ in range(4))
        key = Device.objects.get(device_id=meter).key
        for hour in range(4):
            Alert.objects.create(
                device_key=key,
                start=NOON + timedelta(hours=hour),
                limit_milliwh=1,
                energy_milliwh=2,
            )
        RemovedReading.objects.bulk_create(
            RemovedReading(
                device_key=key,
                started_at=NOON - timedelta(days=1),
                value_milliwh=1,
                revision=0,
                removed_by=admin.id,
                removed_by_name=admin.username,
            )
            for _ in range(4)
        )
        HeldJump.objects.bulk_create(
            HeldJump(
                device_key=key,
                begins_at=NOON + timedelta(hours=hour),
                ends_at=NOON + timedelta(hours=hour, minutes=10),
                before_milliwh=0,
                after_milliwh=1,
            )
            for hour in range(4)
        )
        DeadLetterDiscard.objects.bulk_create(
            DeadLetterDiscard(requested_by=admin.id, requested_by_name=admin.username)
            for _ in range(4)
        )
        bodies = [
            f'{{"device_id":"{meter}","timestamp":"{at(minute)}","measurement_value":1}}'.encode()
            for minute in range(0, 240, 30)
        ]
        store_messages(bodies, cache)
        alert = Alert.objects.latest("id")
        return {
            "device_id": str(meter),
            "alert_id": str(alert.pk),
            "jump_id": str(HeldJump.objects.latest("id").pk),
            "timestamp": NOON.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "start": (NOON - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "end": (NOON + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    @pytest.fixture
    def bodies(self):
        return {}
