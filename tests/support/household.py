"""Two meters of one client, with months of readings whose totals a test can calculate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from .browser import stamp
from .installation import Installation, Session, World

ZONE = ZoneInfo("Europe/Bucharest")
FLAT_NAME, WORKSHOP_NAME = "Flat 7, main meter", "Workshop"
HOUR = timedelta(hours=1)

#: Days with readings, both ends included. The clock goes back on 26 October, forward on 29 March.
SPANS = ((date(2025, 10, 20), date(2025, 10, 31)), (date(2026, 2, 1), date(2026, 4, 5)))
LONG_DAY, SHORT_DAY = date(2025, 10, 26), date(2026, 3, 29)
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
#: Gaps of the first meter: a whole day, and three hours of another.
SILENT_DAY, PATCHY_DAY, PATCHY_HOURS = date(2026, 3, 12), date(2026, 3, 17), (10, 11, 12)


def day_hours(day: date, zone: ZoneInfo = ZONE) -> list[datetime]:
    """Return the 23, 24 or 25 instants at which the hours of a local day begin."""
    at = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    starts = []
    while at.astimezone(zone).date() == day:
        starts.append(at)
        at += HOUR
    return starts


def days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


@dataclass(frozen=True)
class Household:
    """The client, and the meters by their ids."""

    session: Session
    flat: str
    workshop: str

    def readings(self, meter: str) -> dict[datetime, Decimal]:
        """Return the kWh of every hour that the meter sent."""
        return {
            at: self._kwh(meter, at.astimezone(ZONE))
            for first, last in SPANS
            for day in days(first, last)
            for at in day_hours(day)
            if meter != self.flat or not self._silent(at.astimezone(ZONE))
        }

    def bars_of(self, meter: str, day: date) -> dict[str, float]:
        """Return the kWh of each bar that a day must have."""
        known = self.readings(meter)
        return {stamp(at): float(known[at]) for at in day_hours(day) if at in known}

    def total(self, meter: str, first: date, last: date) -> Decimal:
        """Return the kWh of local days, both ends included."""
        return sum(
            (
                kwh
                for at, kwh in self.readings(meter).items()
                if first <= at.astimezone(ZONE).date() <= last
            ),
            Decimal(0),
        )

    def _kwh(self, meter: str, local: datetime) -> Decimal:
        base = Decimal("0.180") if meter == self.flat else Decimal("0.095")
        daily = Decimal((5, 9, 4, 3, 8, 12)[local.hour // 4]) / 20
        return base + daily + Decimal(local.date().toordinal() % 9) / 40

    @staticmethod
    def _silent(local: datetime) -> bool:
        day = local.date()
        return day == SILENT_DAY or (day == PATCHY_DAY and local.hour in PATCHY_HOURS)


def furnish(installation: Installation, world: World) -> Household:
    """Make the client and the meters, send all readings and wait until they are counted."""
    client, client_id = world.client("household")
    common = {"timezone": ZONE.key, "interval_seconds": 3600}
    flat = world.device(client_id, name=FLAT_NAME, max_consumption=5, **common)
    workshop = world.device(client_id, name=WORKSHOP_NAME, **common)
    household = Household(client, flat, workshop)
    before = world.ledger()
    elements = [
        {"device_id": meter, "timestamp": at.isoformat(), "measurement_value": float(kwh)}
        for meter in (flat, workshop)
        for at, kwh in household.readings(meter).items()
    ]
    installation.publish(
        *(elements[begin : begin + 1_000] for begin in range(0, len(elements), 1_000))
    )
    world.await_received(before, len(elements))
    return household


def steady_meter(
    installation: Installation,
    world: World,
    zone: ZoneInfo,
    first: date,
    last: date,
    **fields: object,
) -> tuple[Session, str]:
    """Return a client and a meter that used 1 kWh in every hour of local days, both included."""
    client, client_id = world.client("steady")
    meter = world.device(client_id, timezone=zone.key, interval_seconds=3600, **fields)
    before = world.ledger()
    readings = [
        {"device_id": meter, "timestamp": at.isoformat(), "measurement_value": 1}
        for day in days(first, last)
        for at in day_hours(day, zone)
    ]
    installation.publish(readings)
    world.await_received(before, len(readings))
    return client, meter
