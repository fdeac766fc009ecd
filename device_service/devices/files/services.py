"""The import of devices from a file: all of its rows become devices, or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from devices.assignments.selectors import users_named
from devices.assignments.services import assignments_create, users_locked
from devices.files.channel_columns import channel_errors, with_channels
from devices.files.csvfile import CsvFile, CsvRow
from devices.files.serializers import REMEDIES, ImportedDeviceSerializer
from devices.inventory.services import devices_create
from devices.log.actors import Actor
from devices.models import Device, DeviceStatus

#: Characters of a rejected cell that the report repeats.
SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class NewDevice:
    """The checked values of a row, and the names of the users who get the device."""

    row: CsvRow
    values: dict[str, Any]
    usernames: list[str]

    @property
    def status(self) -> str:
        """Return the status that the device gets."""
        return str(self.values.get("status", DeviceStatus.IN_STOCK))


class ImportReport:
    """The result, or in a dry run the expected result, of each row of a file."""

    def __init__(self, file: CsvFile, *, dry_run: bool) -> None:
        """Start a report in which no row is rejected and no device is created."""
        self._file = file
        self._dry_run = dry_run
        #: Messages by line and column, and the same for programs: column, value, code, message.
        self.errors: dict[int, dict[str, list[str]]] = {}
        self.problems: dict[int, list[dict[str, Any]]] = {}
        #: The valid rows by line.
        self.valid: dict[int, NewDevice] = {}
        self.devices: list[Device] = []

    def reject(
        self, row: CsvRow, column: str, message: str, *, code: str, value: str | None = None
    ) -> None:
        """Reject the row because of the column; a row may have several messages.

        `value` is the wrong part of the cell, without it the whole cell.
        """
        self.errors.setdefault(row.line, {}).setdefault(column, []).append(message)
        cell = str(row.values.get(column, "")) if value is None else value
        problem = {"column": column, "value": cell[:SHOWN_CHARACTERS], "code": code}
        self.problems.setdefault(row.line, []).append({**problem, "message": message})

    def as_json(self) -> dict[str, Any]:
        """Return the counts and the result of each row as JSON values."""
        accepted = [each for line, each in self.valid.items() if line not in self.errors]
        return {
            "dry_run": self._dry_run,
            "rows": len(self._file.rows),
            "refused": len(self.errors),
            "created": len(self.devices),
            "statuses": dict(Counter(each.status for each in accepted)),
            "assigned": sum(1 for each in accepted if each.usernames),
            "ignored_columns": self._file.ignored_columns,
            "report": list(self._lines()),
        }

    def _lines(self) -> Iterator[dict[str, Any]]:
        ids = {device.serial_number: str(device.id) for device in self.devices}
        for row in self._file.rows:
            line: dict[str, Any] = {"line": row.line, "serial_number": row.serial_number}
            errors = self.errors.get(row.line)
            if errors is not None:
                problems = self.problems[row.line]
                yield {**line, "result": "refused", "errors": errors, "problems": problems}
                continue
            device = self.valid[row.line]
            line |= {"status": device.status, "assigned_to": device.usernames}
            if row.serial_number in ids:
                yield {**line, "result": "created", "id": ids[row.serial_number]}
            else:
                yield {**line, "result": "valid"}


def devices_import(*, actor: Actor, file: CsvFile, dry_run: bool, notes: str) -> ImportReport:
    """Create a device from each row, unless a row is rejected or this is a dry run.

    Each device gets the status of its row and is assigned to the row's users.
    """
    report = ImportReport(file, dry_run=dry_run)
    _check_rows(file.rows, report)
    if dry_run or report.errors:
        return report
    try:
        with transaction.atomic():
            _store(actor, report, notes)
    except ValidationError:
        # Another request took a serial number after the check, or deleted a user: the report
        # names the row.
        report.devices = []
        _reject_taken_numbers(file.rows, report)
        _reject_unknown_users(report)
        if not report.errors:
            raise
    return report


def _store(actor: Actor, report: ImportReport, notes: str) -> None:
    """Create the devices and their assignments. Requires: a transaction.

    Raises ValidationError when a serial number was taken or a user deleted since the check.
    """
    rows = list(report.valid.values())
    users = users_locked(name for row in rows for name in row.usernames)
    report.devices = devices_create(actor=actor, rows=[row.values for row in rows], notes=notes)
    try:
        pairs = [
            (device, users[name.lower()].id)
            for row, device in zip(rows, report.devices, strict=True)
            for name in row.usernames
        ]
    except KeyError as error:
        raise ValidationError({"assigned_to": ["A user was deleted meanwhile."]}) from error
    assignments_create(actor=actor, pairs=pairs, notes=notes)


def _check_rows(rows: list[CsvRow], report: ImportReport) -> None:
    """Store the checked values of the valid rows in the report; reject the others there."""
    serializer = ImportedDeviceSerializer()
    first_lines: dict[str, int] = {}
    for row in rows:
        if row.error is not None:
            report.reject(row, "row", row.error, code="wrong_row")
            continue
        try:
            values = serializer.run_validation(with_channels(row.values))
        except ValidationError as error:
            _reject_cells(row, error, report)
            continue
        first_line = first_lines.setdefault(values["serial_number"], row.line)
        if first_line != row.line:
            message = f"Also on line {first_line}. Remove one of the two lines."
            report.reject(row, "serial_number", message, code="repeated")
        report.valid[row.line] = NewDevice(row, values, values.pop("assigned_to", []))
    _reject_taken_numbers(rows, report)
    _reject_unknown_users(report)


def _reject_cells(row: CsvRow, error: ValidationError, report: ImportReport) -> None:
    details: dict[str, Any] = dict(error.detail)  # type: ignore[arg-type]  # by field, as of a row
    if "channels" in details:
        channels = with_channels(row.values)["channels"]
        details |= channel_errors(details.pop("channels"), channels)
    for column, messages in details.items():
        for message in messages if isinstance(messages, list) else [messages]:
            text = " ".join(filter(None, (str(message), REMEDIES.get(column.rpartition(".")[2]))))
            report.reject(row, column, text, code=getattr(message, "code", "invalid"))


def _reject_taken_numbers(rows: list[CsvRow], report: ImportReport) -> None:
    numbers = {row.serial_number for row in rows}
    devices = Device.objects.filter(deleted_at=None, serial_number__in=numbers)
    taken_numbers = set(devices.values_list("serial_number", flat=True))
    for row in rows:
        if row.serial_number in taken_numbers:
            message = "Another device has this serial number. "
            message += "Remove the line, or change that device."
            report.reject(row, "serial_number", message, code="taken")


def _reject_unknown_users(report: ImportReport) -> None:
    names = {name for device in report.valid.values() for name in device.usernames}
    if not names:
        return
    known = {username.lower() for username in users_named(names).values_list("username", flat=True)}
    for device in report.valid.values():
        for name in device.usernames:
            if name.lower() not in known:
                message = f'No user is called "{name}". Add the user first, or empty the cell.'
                report.reject(device.row, "assigned_to", message, code="unknown_user", value=name)
