"""The routes for alerts: those of a user, filtered, acknowledged once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from monitoring.models import Alert, Device
from monitoring.sync.services import assignment_apply, device_apply

from ..conftest import NOON, device_data

pytestmark = pytest.mark.django_db

URL = "/api/monitoring/alerts/"


def raise_alert(device_id, hour: int = 0, **changes: object) -> Alert:
    return Alert.objects.create(
        device_key=Device.objects.get(device_id=device_id).key,
        start=NOON + timedelta(hours=hour),
        limit_milliwh=500_000,
        energy_milliwh=612_000,
        **changes,
    )


@pytest.fixture
def roof(alice):
    device_id = uuid4()
    device_apply(data=device_data(device_id, name="Roof"), version=1, occurred_at=NOON)
    assignment_apply(device_id=device_id, user_id=alice.id, active=True, version=1)
    return device_id


def ids(answer) -> list[int]:
    return [alert["id"] for alert in answer.json()["results"]]


def test_my_alerts_are_listed_the_latest_hour_first(api, alice, meter, roof):
    older, newer = raise_alert(meter, 0), raise_alert(roof, 1)

    answer = api(alice).get(URL)

    assert ids(answer) == [newer.pk, older.pk]
    fields = answer.json()["results"][1]
    assert fields.pop("created_at").endswith("Z")
    assert fields == {
        "id": older.pk,
        "device_id": str(meter),
        "device_name": "Flat 12",
        "channel": "main",
        "unit": "kWh",
        "timezone": "UTC",
        "start": "2026-03-10T12:00:00Z",
        "limit": 0.5,
        "total_consumption": 0.612,
        "withdrawn": False,
        "withdrawn_at": None,
        "acknowledged": False,
        "acknowledged_at": None,
        "acknowledged_by": None,
    }


def test_alerts_are_filtered_by_device_and_state(api, alice, meter, roof):
    seen = raise_alert(meter, 0, acknowledged_at=datetime.now(UTC))
    withdrawn = raise_alert(meter, 1, withdrawn_at=datetime.now(UTC))
    other = raise_alert(roof, 2)
    client = api(alice)

    assert ids(client.get(URL, {"device_id": str(roof)})) == [other.pk]
    assert ids(client.get(URL, {"acknowledged": "true"})) == [seen.pk]
    assert ids(client.get(URL, {"acknowledged": "false"})) == [other.pk, withdrawn.pk]
    assert ids(client.get(URL, {"withdrawn": "true"})) == [withdrawn.pk]
    assert ids(client.get(URL, {"withdrawn": "false", "device_id": str(meter)})) == [seen.pk]
    assert client.get(URL, {"withdrawn": "perhaps"}).status_code == 400


def test_pages_of_alerts_follow_each_other_with_the_same_number_of_queries(
    api, alice, meter, django_assert_num_queries
):
    alerts = [raise_alert(meter, hour) for hour in range(9)]
    client, seen, url = api(alice), [], f"{URL}?page_size=4"

    while url:
        with django_assert_num_queries(4):  # user, count, page, names of devices
            answer = client.get(url)
        seen += ids(answer)
        url = answer.json()["next"]

    assert seen == [alert.pk for alert in reversed(alerts)]


def test_bob_can_neither_list_nor_acknowledge_alices_alerts(api, bob, meter):
    alert = raise_alert(meter)
    client = api(bob)

    assert client.get(URL).json()["count"] == 0
    assert client.get(URL, {"device_id": str(meter)}).status_code == 404
    theirs = client.post(f"{URL}{alert.pk}/acknowledge/")
    none = client.post(f"{URL}{alert.pk + 1}/acknowledge/")
    assert theirs.status_code == none.status_code == 404
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_a_second_acknowledgement_leaves_the_first_unchanged(api, alice, admin, meter):
    alert = raise_alert(meter)
    path = f"{URL}{alert.pk}/acknowledge/"

    first = api(alice).post(path)
    again = api(admin).post(path)

    assert first.status_code == again.status_code == 200
    assert first.json()["acknowledged"] is True
    assert first.json()["acknowledged_by"] == str(alice.id)
    assert again.json() == first.json()


def test_a_user_of_an_unknown_role_lists_alerts_and_acknowledges_none(api, alice, meter):
    alice.role = "auditor"
    alice.save()
    alert = raise_alert(meter)

    assert ids(api(alice).get(URL)) == [alert.pk]
    assert api(alice).post(f"{URL}{alert.pk}/acknowledge/").status_code == 403
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_an_acknowledgement_without_a_token_is_rejected(api, meter):
    assert api().post(f"{URL}{raise_alert(meter).pk}/acknowledge/").status_code == 401


@pytest.mark.parametrize("name", ["0", "999999999999999999", "9999999999999999999", "x"])
def test_an_impossible_id_of_an_alert_answers_not_found(name, api, admin):
    assert api(admin).post(f"{URL}{name}/acknowledge/").status_code == 404
