"""Reads. Each takes the user who asks: what is not theirs does not exist for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.http import Http404

from monitoring import clock
from monitoring.models import (
    Alert,
    Assignment,
    Device,
    Hour,
    LedgerMinute,
    LedgerRejection,
    Reading,
    RemovedReading,
)
from monitoring.reading_ends import reading_ends
from service_kit.identity.models import KnownUser

#: A device is silent when its next reading is this many intervals late.
SILENT_INTERVALS = 2


@dataclass(frozen=True, slots=True)
class HourSlot:
    """A clock hour of a period; energy None when it has no readings."""

    start: datetime
    hour: int
    energy_milliwh: int | None
    reading_count: int
    covers_hours: int


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device with what its readings say now."""

    device: Device
    #: When its first hour with readings begins.
    first_hour: datetime | None
    last_reading_at: datetime | None
    last_reading_milliwh: int | None
    today_milliwh: int | None
    silent: bool


def devices_visible(user: KnownUser) -> QuerySet[Device]:
    """Registered devices: all for an administrator, the assigned ones for a client."""
    devices = Device.objects.filter(registered=True, deleted=False)
    if user.is_admin:
        return devices
    assigned = Assignment.objects.filter(user_id=user.id, active=True).values("device_id")
    return devices.filter(device_id__in=assigned)


def devices_matching(devices: QuerySet[Device], search: str) -> QuerySet[Device]:
    """Those with the text in name or description, or whose id it is; all for an empty one."""
    if not search:
        return devices
    found = Q(name__icontains=search) | Q(description__icontains=search)
    with suppress(ValueError):
        found |= Q(device_id=UUID(search))
    return devices.filter(found)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of some users and devices: who is still there, who sees what."""

    users: dict[UUID, KnownUser]
    present: set[UUID]
    assigned: set[tuple[UUID, UUID]]

    def visible(self, user: KnownUser, device_ids: Iterable[UUID]) -> set[UUID]:
        """Those of `device_ids` that the user may see."""
        present = self.present.intersection(device_ids)
        if user.is_admin:
            return present
        return {device_id for device_id in present if (user.id, device_id) in self.assigned}


def standing(user_ids: Iterable[UUID], device_ids: Iterable[UUID]) -> Standing:
    """What holds now for many sockets at once, in three queries."""
    wanted, devices = list(user_ids), list(device_ids)
    users = KnownUser.objects.filter(id__in=wanted, deleted=False)
    present = Device.objects.filter(device_id__in=devices, registered=True, deleted=False)
    pairs = Assignment.objects.filter(user_id__in=wanted, device_id__in=devices, active=True)
    return Standing(
        {user.id: user for user in users},
        set(present.values_list("device_id", flat=True)),
        set(pairs.values_list("user_id", "device_id")),
    )


@dataclass(frozen=True, slots=True)
class DeviceAudience:
    """A device's name and zone, and the clients who see it."""

    name: str
    timezone: str
    user_ids: list[UUID]


def alert_audience(device_ids: Iterable[UUID]) -> dict[UUID, DeviceAudience]:
    """Who hears of these devices; devices that nobody is shown are left out."""
    present = Device.objects.filter(device_id__in=list(device_ids), registered=True, deleted=False)
    found = {
        device_id: DeviceAudience(name, timezone, [])
        for device_id, name, timezone in present.values_list("device_id", "name", "timezone")
    }
    pairs = Assignment.objects.filter(device_id__in=list(found), active=True)
    for device_id, user_id in pairs.values_list("device_id", "user_id"):
        found[device_id].user_ids.append(user_id)
    return found


def visible_device_ids(user: KnownUser, device_ids: Iterable[UUID]) -> set[UUID]:
    """Those of `device_ids` that the user may see."""
    found = devices_visible(user).filter(device_id__in=list(device_ids))
    return set(found.values_list("device_id", flat=True))


def device_get(user: KnownUser, device_id: UUID) -> Device:
    """Raises Http404 for a device that is not there, or not theirs: a stranger sees one answer."""
    device = devices_visible(user).filter(device_id=device_id).first()
    if device is None:
        raise Http404
    return device


def hours_between(
    device: Device, begin: datetime, end: datetime, tz: ZoneInfo | None = None
) -> list[HourSlot]:
    """Every clock hour of the device that begins in [begin, end), labelled by the clock of `tz`.

    The hours are cut by the device's own zone: that is how its readings were summed.
    """
    own = clock.zone(device.timezone)
    rows = {
        hour.start: hour
        for hour in Hour.objects.filter(device_key=device.key, start__gte=begin, start__lt=end)
    }
    return [
        HourSlot(
            start=start,
            hour=own_hour if tz is None or tz is own else start.astimezone(tz).hour,
            energy_milliwh=rows[start].energy_milliwh if start in rows else None,
            reading_count=rows[start].reading_count if start in rows else 0,
            covers_hours=rows[start].covers_hours if start in rows else 0,
        )
        for start, own_hour in clock.clock_hours(own, begin, end)
    ]


def hours_of_day(device: Device, day: date, tz: ZoneInfo) -> list[HourSlot]:
    """The 23, 24 or 25 clock hours of a local day."""
    begin, end = clock.day_bounds(day, tz)
    return hours_between(device, begin, end, tz)


def readings_between(device: Device, begin: datetime, end: datetime) -> QuerySet[Reading]:
    """Raw readings that began in [begin, end)."""
    return Reading.objects.filter(device_key=device.key, started_at__gte=begin, started_at__lt=end)


def device_states(devices: Sequence[Device], now: datetime) -> list[DeviceState]:
    """Return first hour, last reading and today's energy of a page of devices."""
    ends = reading_ends(devices)
    today = _energy_today(devices, now)
    states = []
    for device in devices:
        found = ends[device.key]
        patience = timedelta(seconds=device.interval_seconds * (SILENT_INTERVALS + 1))
        states.append(
            DeviceState(
                device=device,
                first_hour=found.first_hour,
                last_reading_at=found.last_at,
                last_reading_milliwh=found.last_milliwh,
                today_milliwh=today.get(device.key),
                silent=found.last_at is None or now - found.last_at > patience,
            )
        )
    return states


def alerts_visible(user: KnownUser) -> QuerySet[Alert]:
    """Alerts of the devices that the user may see."""
    return Alert.objects.filter(device_key__in=devices_visible(user).values("key"))


def alert_get(user: KnownUser, alert_id: int) -> Alert:
    """Raises Http404 for an alert that is not there, or of a device that is not theirs."""
    alert = alerts_visible(user).filter(pk=alert_id).first()
    if alert is None:
        raise Http404
    return alert


def readings_removed(device_id: UUID | None) -> QuerySet[RemovedReading]:
    """Return the readings that were removed, of all devices or of one, deleted ones too."""
    removed = RemovedReading.objects.all()
    if device_id is None:
        return removed
    return removed.filter(device_key__in=Device.objects.filter(device_id=device_id).values("key"))


def devices_by_key(keys: Iterable[int]) -> dict[int, Device]:
    """Devices of a page of rows that name them by key."""
    return Device.objects.in_bulk(list(keys))


def _energy_today(devices: Sequence[Device], now: datetime) -> dict[int, int]:
    bounds = []
    for device in devices:
        tz = clock.zone(device.timezone)
        bounds.append(clock.day_bounds(clock.local_day(now, tz), tz))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.key, sum(hour.energy_milliwh)
            FROM unnest(%s::integer[], %s::timestamptz[], %s::timestamptz[])
                AS d (key, begin, until)
            JOIN hour ON hour.device_key = d.key
                AND hour.start >= d.begin AND hour.start < d.until
            GROUP BY d.key
            """,
            [
                [device.key for device in devices],
                [begin for begin, _ in bounds],
                [end for _, end in bounds],
            ],
        )
        return {key: int(energy) for key, energy in cursor.fetchall()}


def ledger_totals() -> dict[str, int]:
    """What became of every reading ever received."""
    columns = ("received", "stored", "corrected", "duplicates", "rejected")
    totals = LedgerMinute.objects.aggregate(**{column: Sum(column) for column in columns})
    return {column: int(totals[column] or 0) for column in columns}


def ledger_rejections() -> dict[str, int]:
    """Rejected readings by reason."""
    rows = LedgerRejection.objects.values_list("reason").annotate(total=Sum("rejected"))
    return {reason: int(total) for reason, total in rows.order_by("reason")}


def devices_unclaimed() -> QuerySet[Device]:
    """Devices that send but are not registered."""
    return Device.objects.filter(registered=False, deleted=False)


def now() -> datetime:
    """The present instant, aware."""
    return datetime.now(UTC)


def partition_months(moment: datetime) -> list[datetime]:
    """Months (their first instants, UTC) that need a partition: this one, the next two, and those
    of readings waiting in the default partition. Closed months get none again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT date_trunc('month', %(moment)s, 'UTC') + ahead * interval '1 month'
            FROM generate_series(0, 2) AS ahead
            UNION SELECT DISTINCT date_trunc('month', started_at, 'UTC') FROM reading_default
            EXCEPT SELECT month FROM reading_month WHERE closed_at IS NOT NULL
            ORDER BY 1
            """,
            {"moment": moment},
        )
        return [month for (month,) in cursor.fetchall()]
