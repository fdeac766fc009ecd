"""Derive again what changed registers decide on, reading only the registers around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db import connection

from energy_contracts.names import MAIN_CHANNEL
from monitoring.calendar.clock import HOUR_US
from monitoring.devices.cache import CachedDevice
from monitoring.registers.derivation import NEAR_REGISTERS, derive
from monitoring.registers.hours import Derived, placed, rules_of
from monitoring.registers.rules import Rules
from monitoring.registers.search import Search, run_all
from monitoring.registers.series import Series
from monitoring.registers.windows import Extent, window_around
from monitoring.storage.closed_months import ClosedMonths


class ChangedRegister(NamedTuple):
    """A register that was stored, corrected or removed, by its device and instant in µs."""

    device: CachedDevice
    at_us: int


def derived_around(changed: Sequence[ChangedRegister], closed: ClosedMonths) -> list[Derived]:
    """Return the hours and spans that these registers affect.

    Requires: `lock_series` of the devices, and the transaction that stored the registers.
    """
    instants: dict[int, list[int]] = {}
    devices = {register.device.key: register.device for register in changed}
    for device, at_us in changed:
        instants.setdefault(device.key, []).append(at_us)
    waiting: list[Search[Derived]] = []
    for key, at in sorted(instants.items()):
        rules = rules_of(devices[key], closed)
        waiting += [Search(devices[key], rules, *group) for group in _groups(at, rules)]
    done: dict[int, list[Search[Derived]]] = {}
    while waiting:
        run_all(waiting, _derive)
        for search in waiting:
            done.setdefault(search.device.key, []).append(search)
        waiting = []
        for key, searches in done.items():
            joined = _joined(searches)
            waiting += [search for search in joined if search.result is None]
            done[key] = [search for search in joined if search.result is not None]
    return [
        search.result
        for searches in done.values()
        for search in searches
        if search.result is not None
    ]


def _derive(search: Search[Derived], series: Series, extent: Extent) -> Derived:
    """Return the hours and spans of the window around the changed registers of a search."""
    device, rules = search.device, search.rules
    changed_us = search.first_us, search.last_us
    window = window_around(series, rules, device.hours, changed_us, extent)
    return placed(device, window, derive(series, rules, window.first, window.last))


def _joined(searches: list[Search[Derived]]) -> list[Search[Derived]]:
    """Return the searches of a device, those that read changed registers of each other as one.

    A window is right only if all registers beside the changed ones of its search are as before.
    """
    joined: list[Search[Derived]] = []
    for search in sorted(searches, key=lambda search: search.first_us):
        last = joined[-1] if joined else None
        if last is None or (last.read_us[1] < search.first_us and last.last_us < search.read_us[0]):
            joined.append(search)
        else:
            joined[-1] = last.joined(search)
    return joined


def _groups(instants: Iterable[int], rules: Rules) -> Iterator[tuple[int, int]]:
    """Yield first and last instant of groups that are read at once.

    Registers further apart are read apart, because there may be a million registers between them.
    """
    apart_us = max(4 * HOUR_US, 2 * NEAR_REGISTERS * rules.interval_us)
    order = sorted(instants)
    first = last = order[0]
    for at_us in order:
        if at_us > last + apart_us:
            yield first, last
            first = at_us
        last = at_us
    yield first, last


def lock_series(devices: Iterable[CachedDevice]) -> None:
    """Lock the registers of these devices until the transaction ends.

    Without the lock, two processes that add a register each would derive an hour without the
    register of the other.

    Requires: a transaction.
    """
    by_table: dict[str, set[int]] = {"device": set(), "channel": set()}
    for device in devices:
        by_table["device" if device.code == MAIN_CHANNEL else "channel"].add(device.key)
    with connection.cursor() as cursor:
        for table, keys in by_table.items():
            if keys:
                cursor.execute(
                    f"SELECT 1 FROM {table} WHERE key = ANY(%s) "  # noqa: S608 - our own text
                    "ORDER BY key FOR NO KEY UPDATE",
                    [sorted(keys)],
                )
