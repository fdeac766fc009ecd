"""Every list of this service, in every order, by `list_contract`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from monitoring.ingest.pipeline import store_messages
from monitoring.models import (
    Alert,
    Assignment,
    DeadLetterDiscard,
    Device,
    HeldJump,
    Meter,
    RemovedReading,
)
from monitoring.sync.services import device_apply
from service_kit.outbox.models import OutboxEvent
from service_kit.testing.admin_contract import AdminContract
from service_kit.testing.list_contract import ROWS, ListContract

from .conftest import NOON, at, device_data, make_user


class TestLists(ListContract):
    """All tests of the contract."""

    @pytest.fixture
    def client(self, api, admin):
        return api(admin)

    @pytest.fixture
    def inside(self, issuer, admin):
        return AdminContract.enter(issuer, admin)[0]

    @pytest.fixture
    def crowd(self, db, meter, cache):
        for number in range(ROWS):
            kind = ("sensor", "smart_meter")[number % 2]
            data = device_data(
                uuid4(), device_type=kind, status=("deployed", "in_stock")[number % 2]
            )
            device_apply(data=data, version=1, occurred_at=NOON)
            make_user("client")
            OutboxEvent.objects.create(event_id=uuid4(), event_type="same", body="{}")
        Device.objects.bulk_create(Device(device_id=uuid4(), timezone="UTC") for _ in range(ROWS))
        Meter.objects.bulk_create(
            Meter(device_id=device_id, serial_number="same")
            for device_id in Device.objects.values_list("device_id", flat=True)
        )
        for key in Device.objects.values_list("key", flat=True):
            Alert.objects.create(
                device_key=key,
                start=NOON,
                limit_milliwh=1,
                energy_milliwh=2,
                acknowledged_at=datetime.now(UTC) if key % 2 else None,
            )
        user = make_user("client")
        Assignment.objects.bulk_create(
            Assignment(device_id=device_id, user_id=user.id, version=1, active=True)
            for device_id in Device.objects.values_list("device_id", flat=True)
        )
        RemovedReading.objects.bulk_create(
            RemovedReading(
                device_key=Device.objects.get(device_id=meter).key,
                started_at=NOON - timedelta(days=1),
                value_milliwh=1,
                revision=0,
                removed_by=user.id,
                removed_by_name=user.username,
            )
            for _ in range(ROWS)
        )
        HeldJump.objects.bulk_create(
            HeldJump(
                device_key=key,
                begins_at=NOON - timedelta(days=number % 3),
                ends_at=NOON + timedelta(minutes=number),
                before_milliwh=0,
                after_milliwh=1,
            )
            for number in range(ROWS)
            for key in Device.objects.filter(device_id=meter).values_list("key", flat=True)
        )
        DeadLetterDiscard.objects.bulk_create(
            DeadLetterDiscard(requested_by=user.id, requested_by_name=user.username)
            for _ in range(ROWS)
        )
        store_messages(
            [
                f'{{"device_id":"{meter}","timestamp":"{at(number)}","measurement_value":1}}'.encode()
                for number in range(ROWS)
            ],
            cache,
        )
        end = NOON + timedelta(days=1)
        return {"device_id": str(meter), "start": NOON.isoformat(), "end": end.isoformat()}
