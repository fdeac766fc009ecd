"""Held jumps: listed, accepted or dismissed on record, and a decision belongs to its registers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from energy_contracts.events import Channel as SentChannel
from monitoring.aggregates.rebuild import device_hours_rebuild
from monitoring.aggregates.retention import month_close
from monitoring.aggregates.verify import hours_that_differ
from monitoring.ingest.pipeline import store_messages
from monitoring.models import Alert, Channel, Device, HeldDecision, HeldJump, Hour
from monitoring.storage.partitions import partition_ensure, partitions_note
from monitoring.sync.services import assignment_apply, device_apply, device_delete

from ..conftest import NOON, device_data
from ..live.sockets import Socket
from ..registers.stored import (
    Sent,
    make_meter,
    minutes_after_noon,
    reading,
    store,
    stored_spans,
    total,
)

pytestmark = pytest.mark.django_db

HELD = "/api/monitoring/held/"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
APRIL, MAY = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)

#: 0.1 kWh, a jump of 500 kWh within ten minutes, and 0.2 kWh.
JUMP = [(0, 100.0), (10, 100.1), (20, 600.1), (30, 600.3)]


def sent(minutes: float, kwh: float, revision: int = 0) -> Sent:
    return Sent(minutes_after_noon(minutes), round(kwh * 1_000_000), revision)


@pytest.fixture
def meter(cache):
    """Return a meter of at most 5 kW whose register rose by 500 kWh in ten minutes."""
    meter = make_meter({"max_power_kw": 5.0})
    assert store(cache, meter.id, [sent(*register) for register in JUMP]) == []
    return meter


@pytest.fixture
def client(api, admin):
    return api(admin)


def held(client, **query: str) -> list[dict]:
    answer = client.get(HELD, query_params=query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def decide(client, jump_id: int, decision: str, **body: str):
    return client.post(f"{HELD}{jump_id}/{decision}/", body, format="json")


def accept(client, **body: str) -> dict:
    """Accept the one open jump."""
    (jump,) = held(client, state="open")
    answer = decide(client, jump["id"], "accept", **body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def kwh(meter) -> float:
    """Return the counted energy; assert that it follows from the registers."""
    before = total(meter.id)
    jumps = list(HeldJump.objects.order_by("id").values())
    device = Device.objects.get(device_id=meter.id)
    assert hours_that_differ([device]) == []
    device_hours_rebuild(device)
    assert (total(meter.id), list(HeldJump.objects.order_by("id").values())) == (before, jumps)
    return before / 1_000_000


def test_a_rise_beyond_the_power_of_the_device_is_listed_and_not_counted(client, meter):
    (jump,) = held(client)

    assert jump | {"id": 0, "first_seen_at": ""} == {
        "id": 0,
        "device_id": str(meter.id),
        "device_name": "Flat 12",
        "timezone": "UTC",
        "channel": "main",
        "unit": "kWh",
        "start": "2026-03-10T12:10:00Z",
        "end": "2026-03-10T12:20:00Z",
        "register_before": 100.1,
        "register_after": 600.1,
        "energy": 500.0,
        "plausible_energy": 0.833333,
        "first_seen_at": "",
        "state": "open",
        "decided_at": None,
        "decided_by": None,
        "decided_by_name": None,
        "note": None,
        "month_closed": False,
    }
    assert kwh(meter) == 0.3


def test_an_accepted_jump_counts_in_its_time_and_names_who_accepted_it(client, admin, meter):
    jump = accept(client, note="the gateway was replaced")

    assert jump["state"] == "accepted"
    assert (jump["decided_by"], jump["decided_by_name"]) == (str(admin.id), admin.username)
    assert jump["note"] == "the gateway was replaced"
    assert kwh(meter) == 500.3
    assert held(client, state="open") == []
    assert held(client, state="accepted") == [jump]


def test_an_accepted_jump_over_more_than_an_hour_is_a_span(client, cache):
    meter = make_meter({"max_power_kw": 5.0})
    store(cache, meter.id, [sent(0, 100), sent(180, 200)])

    accept(client)

    assert kwh(meter) == 100
    assert [energy for *_, energy in stored_spans(meter.id)] == [100_000_000]


def test_a_dismissed_jump_stays_out_and_leaves_the_open_list(client, meter):
    (jump,) = held(client)

    answer = decide(client, jump["id"], "dismiss")

    assert (answer.status_code, answer.json()["state"]) == (200, "dismissed")
    assert held(client, state="open") == []
    assert [row["id"] for row in held(client, state="dismissed")] == [jump["id"]]
    assert kwh(meter) == 0.3


def test_a_repeated_decision_changes_nothing_and_is_recorded_once(client, meter):
    first = accept(client)

    answer = decide(client, first["id"], "accept", note="again")

    assert (answer.status_code, answer.json()) == (200, first)
    assert HeldDecision.objects.count() == 1


@pytest.mark.parametrize(("first", "second"), [("accept", "dismiss"), ("dismiss", "accept")])
def test_a_jump_that_is_decided_otherwise_is_a_conflict_until_the_decision_is_undone(
    client, meter, first, second
):
    (jump,) = held(client)
    decide(client, jump["id"], first)

    answer = decide(client, jump["id"], second)

    assert answer.status_code == 409
    assert answer.json()["code"] == "decided_otherwise"
    assert decide(client, jump["id"], "undo").json()["state"] == "open"
    assert kwh(meter) == 0.3
    assert decide(client, jump["id"], second).status_code == 200
    assert kwh(meter) == (500.3 if second == "accept" else 0.3)
    kinds = HeldDecision.objects.order_by("id").values_list("kind", flat=True)
    assert kinds[1] == "undone"
    assert len(kinds) == 3


def test_an_undo_of_an_open_jump_changes_nothing(client, meter):
    (jump,) = held(client)

    assert decide(client, jump["id"], "undo").json() == jump
    assert not HeldDecision.objects.exists()


def test_a_corrected_register_is_held_again_and_the_former_jump_is_no_longer_held(
    client, meter, cache
):
    former = accept(client)

    store(cache, meter.id, [sent(20, 600.2, 1)])

    (jump,) = held(client)
    assert (jump["state"], jump["energy"]) == ("open", 500.1)
    assert kwh(meter) == 0.2
    answer = decide(client, former["id"], "accept")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_held")


def test_a_decision_is_in_force_again_when_its_registers_are_back(client, meter, cache):
    accept(client)
    store(cache, meter.id, [sent(20, 600.2, 1)])

    store(cache, meter.id, [sent(20, 600.1, 2)])

    (jump,) = held(client)
    assert jump["state"] == "accepted"
    assert kwh(meter) == 500.3


def test_a_late_register_within_an_accepted_jump_is_held_again(client, meter, cache):
    accept(client)

    store(cache, meter.id, [sent(15, 100.2)])

    (jump,) = held(client)
    assert (jump["state"], jump["start"]) == ("open", "2026-03-10T12:15:00Z")
    assert kwh(meter) == 0.4


def test_a_late_register_that_shows_a_spike_makes_the_decision_ineffective(client, meter, cache):
    accept(client)

    store(cache, meter.id, [sent(25, 100.2)])

    # 600.1 does not count now; the rise from 100.2 to 600.3 is another one.
    (jump,) = held(client)
    assert (jump["state"], jump["start"]) == ("open", "2026-03-10T12:25:00Z")
    assert kwh(meter) == 0.2


def test_a_late_register_beside_an_accepted_jump_changes_only_its_neighbours(client, meter, cache):
    accept(client)

    store(cache, meter.id, [sent(5, 100.07), sent(26, 600.2)])

    assert [jump["state"] for jump in held(client)] == ["accepted"]
    assert kwh(meter) == 500.3


def test_a_rise_that_a_higher_power_makes_plausible_is_no_longer_held(client, meter):
    def power(version: int, kw: float | None) -> None:
        data = device_data(meter.id, reading_kind="cumulative", max_power_kw=kw)
        device_apply(data=data, version=version, occurred_at=NOON)

    (jump,) = held(client)
    decide(client, jump["id"], "dismiss")

    for version, kw in ((2, 5_000.0), (4, None)):
        power(version, kw)
        assert held(client) == []
        assert kwh(meter) == 500.3
        power(version + 1, 5.0)
        assert [row["state"] for row in held(client)] == ["dismissed"]
        assert kwh(meter) == 0.3


def test_a_device_that_becomes_an_interval_device_holds_nothing(client, meter):
    device_apply(data=device_data(meter.id, max_power_kw=5.0), version=2, occurred_at=NOON)

    assert held(client) == []


def test_the_list_can_be_limited_to_a_device(client, meter, cache):
    other = make_meter({"max_power_kw": 5.0})
    store(cache, other.id, [sent(*register) for register in JUMP])

    assert [jump["device_id"] for jump in held(client, device_id=str(other.id))] == [str(other.id)]
    assert len(held(client)) == 2
    assert client.get(HELD, query_params={"device_id": str(uuid4())}).status_code == 404


def test_a_jump_of_another_channel_names_the_channel_and_counts_for_it_alone(client, cache):
    channels = [
        SentChannel(code="main", reading_kind="cumulative"),
        SentChannel(code="gas", quantity="gas", reading_kind="cumulative", max_power=5.0),
    ]
    meter = make_meter({"channels": channels})
    readings = [{**reading(sent(*register), meter.id), "channel": "gas"} for register in JUMP]
    assert store_messages([json.dumps(readings).encode()], cache).tally.rejected == []

    (jump,) = held(client, device_id=str(meter.id), channel="gas")

    assert (jump["channel"], jump["unit"], jump["energy"]) == ("gas", "m³", 500.0)
    assert jump["plausible_energy"] == 0.833333
    assert held(client, channel="main") == []
    ledger = client.get("/api/monitoring/ingestion/").json()
    assert ledger["held"] == {"open": 1, "energy": {"kWh": 0.0, "m³": 500.0}}
    accept(client)
    key = Channel.objects.get(device_id=meter.id, code="gas").key
    assert sum(hour.energy_milliwh for hour in Hour.objects.filter(device_key=key)) == 500_300_000
    assert hours_that_differ() == []


def test_an_unknown_state_is_an_error_that_names_the_field(client):
    answer = client.get(HELD, query_params={"state": "held"})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["state"]


def test_jumps_of_a_deleted_device_are_not_listed_or_decided(client, meter):
    (jump,) = held(client)
    device_delete(device_id=meter.id, version=2)

    assert held(client) == []
    assert decide(client, jump["id"], "accept").status_code == 409


def test_a_client_neither_lists_nor_decides(api, alice, client, meter):
    assignment_apply(device_id=meter.id, user_id=alice.id, active=True, version=1)
    (jump,) = held(client)

    assert api(alice).get(HELD).status_code == 403
    for decision in ("accept", "dismiss", "undo"):
        assert decide(api(alice), jump["id"], decision).status_code == 403
    assert kwh(meter) == 0.3


def test_an_accepted_jump_above_the_limit_raises_an_alert_and_its_undo_withdraws_it(client, cache):
    meter = make_meter({"max_power_kw": 5.0, "max_consumption": 3.0})
    store(cache, meter.id, [sent(*register) for register in JUMP])

    jump = accept(client)

    alert = Alert.objects.get()
    assert (alert.start, alert.energy_milliwh) == (NOON, 500_300_000)
    decide(client, jump["id"], "undo")
    alert.refresh_from_db()
    assert alert.withdrawn_at is not None


def test_the_database_rejects_a_change_of_a_decision(client, meter):
    accept(client)

    for change in ("UPDATE held_decision SET kind = 'undone'", "DELETE FROM held_decision"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


def test_the_ledger_has_the_number_and_the_energy_of_open_jumps(client, meter, cache):
    other = make_meter({"max_power_kw": 5.0})
    store(cache, other.id, [sent(*register) for register in JUMP])
    answer = client.get("/api/monitoring/ingestion/").json()

    assert answer["held"] == {"open": 2, "energy": {"kWh": 1000.0}}
    (jump,) = held(client, device_id=str(other.id))
    decide(client, jump["id"], "dismiss")
    answer = client.get("/api/monitoring/ingestion/").json()
    assert answer["held"] == {"open": 1, "energy": {"kWh": 500.0}}


def test_the_upgrade_finds_the_jumps_that_were_held_before(client, meter):
    HeldJump.objects.all().delete()
    Device.objects.filter(device_id=meter.id).update(rules_version=1)

    call_command("derive_outdated_hours")

    assert [jump["energy"] for jump in held(client)] == [500.0]


class TestClosedMonths:
    """Jumps around April, which is closed."""

    @pytest.fixture
    def months(self, db):
        for month in (NOON.replace(day=1, hour=0), APRIL, MAY):
            partition_ensure(month)
        partitions_note(NOON)

    def jump(self, cache, begin: datetime, end: datetime):
        """Return a meter whose register rises by 500 kWh between the two instants."""
        meter = make_meter({"max_power_kw": 5.0})
        registers = [
            Sent(begin - 10 * MINUTE, 100_000_000),
            Sent(begin, 100_100_000),
            Sent(end, 600_100_000),
            Sent(end + 10 * MINUTE, 600_300_000),
        ]
        assert store(cache, meter.id, registers) == []
        return meter

    def test_a_jump_of_a_closed_month_stays_listed_and_can_only_be_dismissed(
        self, client, cache, months
    ):
        meter = self.jump(cache, APRIL + HOUR, APRIL + HOUR + 10 * MINUTE)
        month_close(APRIL)

        (jump,) = held(client, state="open")
        assert jump["month_closed"] is True
        answer = decide(client, jump["id"], "accept")
        assert (answer.status_code, answer.json()["code"]) == (409, "month_closed")
        assert decide(client, jump["id"], "dismiss").status_code == 200
        assert decide(client, jump["id"], "undo").status_code == 200
        assert kwh(meter) == 0.3

    def test_an_accepted_jump_of_a_closed_month_stays_accepted(self, client, cache, months):
        meter = self.jump(cache, APRIL + HOUR, APRIL + HOUR + 10 * MINUTE)
        jump = accept(client)
        month_close(APRIL)

        answer = decide(client, jump["id"], "undo")
        assert (answer.status_code, answer.json()["code"]) == (409, "month_closed")
        assert kwh(meter) == 500.3

    def test_the_open_part_of_an_accepted_jump_over_the_end_of_a_month_stays_accepted(
        self, client, cache, months
    ):
        meter = self.jump(cache, MAY - 5 * MINUTE, MAY + 5 * MINUTE)
        accept(client)
        month_close(APRIL)

        assert kwh(meter) == 500.3
        (jump,) = held(client)
        assert (jump["state"], jump["start"], jump["energy"]) == (
            "accepted",
            "2026-05-01T00:00:00Z",
            250.0,
        )
        assert decide(client, jump["id"], "undo").status_code == 200
        assert kwh(meter) == 250.3

    def test_the_open_part_of_an_accepted_jump_over_the_begin_of_a_month_stays_accepted(
        self, client, cache, months
    ):
        meter = self.jump(cache, APRIL - 5 * MINUTE, APRIL + 5 * MINUTE)
        accept(client)
        month_close(APRIL)

        assert kwh(meter) == 500.3
        assert [row["state"] for row in held(client)] == ["accepted"]

    @pytest.mark.parametrize(("decision", "state"), [("dismiss", "dismissed"), ("undo", "open")])
    def test_a_jump_over_the_end_of_a_month_that_does_not_count_begins_at_the_border_then(
        self, client, cache, months, decision, state
    ):
        meter = self.jump(cache, MAY - 5 * MINUTE, MAY + 5 * MINUTE)
        (jump,) = held(client)
        decide(client, jump["id"], decision)
        month_close(APRIL)

        (jump,) = held(client)
        assert (jump["state"], jump["start"], jump["energy"], jump["month_closed"]) == (
            state,
            "2026-05-01T00:00:00Z",
            500.0,
            False,
        )
        assert kwh(meter) == 0.3

    def test_a_jump_into_a_closed_month_stays_listed(self, client, cache, months):
        meter = self.jump(cache, APRIL - 5 * MINUTE, APRIL + 5 * MINUTE)
        month_close(APRIL)

        assert [(row["energy"], row["month_closed"]) for row in held(client)] == [(500.0, True)]
        assert kwh(meter) == 0.3


@pytest.mark.django_db(transaction=True)
def test_a_socket_receives_the_hour_that_an_accepted_jump_changes(
    api, admin, issuer, cache, committed, url
):
    meter = make_meter({"max_power_kw": 5.0})
    store(cache, meter.id, [sent(*register) for register in JUMP])
    with Socket(url) as socket:
        socket.listen(issuer.token(admin), meter.id)

        jump = accept(api(admin))
        frame = socket.hear()
        assert (frame["start"], frame["total_consumption"]) == ("2026-03-10T12:00:00Z", 500.3)

        decide(api(admin), jump["id"], "undo")
        frame = socket.hear()
        assert (frame["start"], frame["total_consumption"]) == ("2026-03-10T12:00:00Z", 0.3)
