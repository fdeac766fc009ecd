"""The import of devices from a file: all of its rows become devices, or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from devices.files.csvfile import CsvRow
from devices.inventory.serializers import DeviceSerializer
from devices.inventory.services import devices_create
from devices.log.actors import Actor
from devices.models import Device


class ImportReport:
    """The result, or in a dry run the expected result, of each row of a file."""

    def __init__(self, rows: list[CsvRow], *, dry_run: bool) -> None:
        """Start a report in which no row is rejected and no device is created."""
        self._rows = rows
        self._dry_run = dry_run
        #: Messages by line and field.
        self.errors: dict[int, dict[str, Any]] = {}
        self.devices: list[Device] = []

    def reject(self, row: CsvRow, field: str, message: str) -> None:
        """Reject the row because of the field; a row may have several messages."""
        self.errors.setdefault(row.line, {}).setdefault(field, []).append(message)

    def as_json(self) -> dict[str, Any]:
        """Return the counts and the result of each row as JSON values."""
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
            line = {"line": row.line, "serial_number": row.serial_number}
            if row.line in self.errors:
                yield {**line, "result": "refused", "errors": self.errors[row.line]}
            elif row.serial_number in ids:
                yield {**line, "result": "created", "id": ids[row.serial_number]}
            else:
                yield {**line, "result": "valid"}


def devices_import(*, actor: Actor, rows: list[CsvRow], dry_run: bool, notes: str) -> ImportReport:
    """Create a device in stock from each row, unless a row is rejected or this is a dry run."""
    report = ImportReport(rows, dry_run=dry_run)
    values = _validated(rows, report)
    if dry_run or report.errors:
        return report
    try:
        with transaction.atomic():
            report.devices = devices_create(actor=actor, rows=values, notes=notes)
    except ValidationError:
        # Another request took a serial number after the check: the report names its row.
        _reject_taken_numbers(rows, report)
        if not report.errors:
            raise
    return report


def _validated(rows: list[CsvRow], report: ImportReport) -> list[dict[str, Any]]:
    """Return the checked values of the valid rows; reject the others in the report."""
    serializer = DeviceSerializer()
    valid_rows: list[dict[str, Any]] = []
    first_lines: dict[str, int] = {}
    for row in rows:
        if row.error is not None:
            report.reject(row, "row", row.error)
            continue
        try:
            values = serializer.run_validation(dict(row.values))
        except ValidationError as error:
            report.errors[row.line] = error.detail  # type: ignore[assignment]
            continue
        first_line = first_lines.setdefault(values["serial_number"], row.line)
        if first_line != row.line:
            report.reject(row, "serial_number", f"Also on line {first_line}.")
        valid_rows.append(values)
    _reject_taken_numbers(rows, report)
    return valid_rows


def _reject_taken_numbers(rows: list[CsvRow], report: ImportReport) -> None:
    numbers = {row.serial_number for row in rows}
    devices = Device.objects.filter(deleted_at=None, serial_number__in=numbers)
    taken_numbers = set(devices.values_list("serial_number", flat=True))
    for row in rows:
        if row.serial_number in taken_numbers:
            report.reject(row, "serial_number", "Another device has this serial number.")
