"""Imports: every row of a file is checked and told about, then all become devices or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from devices.csvfile import CsvRow
from devices.models import Device
from devices.serializers import DeviceSerializer
from devices.services import Actor, devices_create


class ImportReport:
    """What became, or would become, of each row."""

    def __init__(self, rows: list[CsvRow], *, dry_run: bool) -> None:
        self._rows = rows
        self._dry_run = dry_run
        self.errors: dict[int, dict[str, Any]] = {}
        self.devices: list[Device] = []

    def refuse(self, row: CsvRow, field: str, message: str) -> None:
        """Add a sentence about a row's field."""
        self.errors.setdefault(row.line, {}).setdefault(field, []).append(message)

    def as_json(self) -> dict[str, Any]:
        """Counts, and a line for each row."""
        return {
            "dry_run": self._dry_run,
            "rows": len(self._rows),
            "refused": len(self.errors),
            "created": len(self.devices),
            "report": list(self._lines()),
        }

    def _lines(self) -> Iterator[dict[str, Any]]:
        ids = {device.serial_number: str(device.id) for device in self.devices}
        for row in self._rows:
            serial_number = str(row.values.get("serial_number", "")).strip()
            line: dict[str, Any] = {"line": row.line, "serial_number": serial_number}
            if row.line in self.errors:
                yield {**line, "result": "refused", "errors": self.errors[row.line]}
            elif serial_number in ids:
                yield {**line, "result": "created", "id": ids[serial_number]}
            else:
                yield {**line, "result": "valid"}


def devices_import(*, actor: Actor, rows: list[CsvRow], dry_run: bool, notes: str) -> ImportReport:
    """Create a device in stock of each row, unless one is refused or this is a dry run."""
    report = ImportReport(rows, dry_run=dry_run)
    accepted = _checked(rows, report)
    if dry_run or report.errors:
        return report
    try:
        with transaction.atomic():
            report.devices = devices_create(actor=actor, rows=accepted, notes=notes)
    except ValidationError:
        # Somebody registered one of them a moment ago: the report says which.
        _refuse_taken(rows, report)
        if not report.errors:
            raise
    return report


def _checked(rows: list[CsvRow], report: ImportReport) -> list[dict[str, Any]]:
    """Sound values of the rows that have them; the others are refused in the report."""
    serializer = DeviceSerializer()
    accepted: list[dict[str, Any]] = []
    first_lines: dict[str, int] = {}
    for row in rows:
        if row.error is not None:
            report.refuse(row, "row", row.error)
            continue
        try:
            values = serializer.run_validation(dict(row.values))
        except ValidationError as error:
            report.errors[row.line] = error.detail  # type: ignore[assignment]
            continue
        number = values["serial_number"]
        first = first_lines.setdefault(number, row.line)
        if first != row.line:
            report.refuse(row, "serial_number", f"Also on line {first}.")
        accepted.append(values)
    _refuse_taken(rows, report)
    return accepted


def _refuse_taken(rows: list[CsvRow], report: ImportReport) -> None:
    numbers = {row.line: str(row.values.get("serial_number", "")).strip() for row in rows}
    present = Device.objects.filter(deleted_at=None, serial_number__in=set(numbers.values()))
    taken = set(present.values_list("serial_number", flat=True))
    for row in rows:
        if numbers[row.line] in taken:
            report.refuse(row, "serial_number", "Another device has this serial number.")
