"""The config file and the arguments that override it, checked field by field.

A wrong value is rejected before anything is sent: the error names the field, the value and the
allowed ones. A simulator that guesses would send wrong energy to a real installation.
"""

from __future__ import annotations

import difflib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from device_simulator.pattern import DEFAULT_PATTERNS, SimulatedDevice
from device_simulator.readings import CHANNEL_CODE

#: Defaults of the fields that neither the file nor an argument gives.
DEFAULT_INTERVAL_SECONDS = 600
DEFAULT_BASE_LOAD_KWH = Decimal("0.4")
DEFAULT_VARIATION = Decimal("0.1")
DEFAULT_TIMEZONE = "UTC"
DEFAULT_SEED = 1

#: Seconds of the longest interval: one day.
MAX_INTERVAL_SECONDS = 86_400
#: kWh in an hour of the largest base load. With the largest factor, variation and interval a value
#: is still below the platform's limit of 1,000,000,000 kWh.
MAX_BASE_LOAD_KWH = 100_000
MAX_PATTERN_FACTOR = 100


class ConfigError(ValueError):
    """A field that cannot be used; the message names the field, the value and the allowed ones."""


def rejection(field: str, came: object, allowed: str) -> ConfigError:
    """Return an error that names the field, its value and the allowed values."""
    value = json.dumps(came, default=str, ensure_ascii=False)
    return ConfigError(f"{field}: {value} is not allowed; allowed: {allowed}")


# --- one function per kind of field ---------------------------------------------------------------


def device_id(field: str, came: object) -> str:
    """Return a UUID in its canonical form. Raises ConfigError."""
    if isinstance(came, str):
        try:
            return str(uuid.UUID(came.strip()))
        except ValueError:
            pass
    raise rejection(field, came, "a UUID such as 4c189959-e674-4eaa-8ebb-98fd953657c5")


def channel(field: str, came: object) -> str:
    """Return the code of a channel. Raises ConfigError."""
    if isinstance(came, str) and CHANNEL_CODE.fullmatch(came):
        return came
    raise rejection(field, came, "1 to 32 of a-z, 0-9, _ and -, such as export")


def integer(minimum: int, maximum: int, what: str) -> Callable[[str, object], int]:
    """Return a check of whole numbers; `what` names them in its error."""

    def check(field: str, came: object) -> int:
        number = _decimal(came)
        if number is None or number != number.to_integral_value():
            raise rejection(field, came, f"{what} from {minimum} to {maximum}")
        if not minimum <= number <= maximum:
            raise rejection(field, came, f"{what} from {minimum} to {maximum}")
        return int(number)

    return check


def number(minimum: int, maximum: int, what: str) -> Callable[[str, object], Decimal]:
    """Return a check of finite numbers; `what` names them in its error."""

    def check(field: str, came: object) -> Decimal:
        value = _decimal(came)
        if value is None or not minimum <= value <= maximum:
            raise rejection(field, came, f"{what} from {minimum} to {maximum}")
        return value

    return check


def timezone(field: str, came: object) -> ZoneInfo:
    """Return an IANA zone. Raises ConfigError."""
    if isinstance(came, str) and came:
        try:
            return ZoneInfo(came)
        except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
            pass
    raise rejection(field, came, "an IANA time zone such as Europe/Amsterdam or UTC")


def text(field: str, came: object) -> str:
    """Return a text. Raises ConfigError."""
    if not isinstance(came, str):
        raise rejection(field, came, "text")
    return came


def broker_url(field: str, came: object) -> str:
    """Return an AMQP address that has user and password. Raises ConfigError."""
    allowed = "amqp://USER:PASSWORD@HOST:PORT/ or amqps://…"
    if isinstance(came, str):
        try:
            parts = urlsplit(came)
            valid = parts.scheme in ("amqp", "amqps") and parts.hostname and parts.port != 0
        except ValueError:
            valid = False
        if valid and parts.username and parts.password:
            return came
        if valid:
            # The broker's well-known first account is no default here: a password is always given.
            raise ConfigError(f"{field}: names no user and password; allowed: {allowed}")
    # The value is not repeated: a mistyped address still holds a password.
    raise ConfigError(f"{field}: is not the address of a broker; allowed: {allowed}")


def patterns(field: str, came: object) -> Mapping[str, Decimal]:
    """Return factors that replace some or all of the defaults. Raises ConfigError."""
    if not isinstance(came, Mapping):
        raise rejection(field, came, "an object with factors for " + ", ".join(DEFAULT_PATTERNS))
    _reject_unknown(f"{field}.", came, DEFAULT_PATTERNS)
    check = number(0, MAX_PATTERN_FACTOR, "a number")
    return {name: check(f"{field}.{name}", factor) for name, factor in came.items()}


interval_seconds = integer(1, MAX_INTERVAL_SECONDS, "a whole number of seconds")
base_load_kwh = number(0, MAX_BASE_LOAD_KWH, "kWh of one hour as a number")
variation = number(0, 1, "a share as a number")
seed = integer(0, 2**63 - 1, "a whole number")


def _decimal(came: object) -> Decimal | None:
    """Return a finite number, else None; "600" in the file is rejected as "ten" is."""
    if isinstance(came, bool) or not isinstance(came, int | Decimal):
        return None
    return Decimal(came) if Decimal(came).is_finite() else None


def typed_number(argument: str) -> Decimal | str:
    """Return an argument as a number, else unchanged for the check that rejects it."""
    try:
        return Decimal(argument)
    except ArithmeticError:
        return argument


# --- the file -------------------------------------------------------------------------------------

_DEVICE_FIELDS: Mapping[str, Callable[[str, Any], object]] = {
    "device_id": device_id,
    "name": text,
    "interval_seconds": interval_seconds,
    "base_load_kwh": base_load_kwh,
    "timezone": timezone,
    "patterns": patterns,
    "variation": variation,
}


@dataclass(frozen=True)
class Overrides:
    """Arguments as they were typed, None for those that were not given."""

    device_ids: Sequence[str] = ()
    interval_seconds: str | None = None
    base_load_kwh: str | None = None
    timezone: str | None = None
    seed: str | None = None
    rabbitmq: str | None = None


@dataclass(frozen=True)
class Settings:
    """The checked settings of `run` and `backfill`."""

    rabbitmq: str
    devices: Sequence[SimulatedDevice]


def load(path: Path | None, overrides: Overrides, environment: Mapping[str, str]) -> Settings:
    """Read the file, if any, and let arguments override it. Raises ConfigError."""
    raw = _read(path) if path else {}
    _reject_unknown("", raw, {**_DEVICE_FIELDS, "rabbitmq": None, "seed": None, "devices": None})
    argued = _checked_arguments(overrides)
    if overrides.seed is not None:
        number_seed = seed("--seed", typed_number(overrides.seed))
    else:
        number_seed = seed("seed", raw.get("seed", DEFAULT_SEED))
    common = _checked("", {k: v for k, v in raw.items() if k in _DEVICE_FIELDS})
    described = _described(raw, common)
    if overrides.device_ids:
        described = _chosen(overrides.device_ids, described, common)
    if not described:
        raise ConfigError("device_id: no device is named; give --device-id or a config file")
    devices = [_device({**fields, **argued}, number_seed) for fields in described]
    _reject_repeated(devices)
    url = broker_address(overrides.rabbitmq, environment, raw.get("rabbitmq"))
    return Settings(rabbitmq=url, devices=devices)


def broker_address(
    argument: str | None, environment: Mapping[str, str], configured: object = None
) -> str:
    """Return the broker's URL: the argument, else RABBITMQ_URL, else the file's.

    Raises ConfigError, also for an address in the file that another one takes precedence over.
    """
    if configured is not None:
        broker_url("rabbitmq", configured)
    if argument is not None:
        return broker_url("--rabbitmq", argument)
    if environment.get("RABBITMQ_URL"):
        return broker_url("RABBITMQ_URL", environment["RABBITMQ_URL"])
    if configured is not None:
        return broker_url("rabbitmq", configured)
    raise ConfigError(
        "rabbitmq: no broker is named; allowed: amqp://USER:PASSWORD@HOST:PORT/ in --rabbitmq, in "
        "the environment variable RABBITMQ_URL or in the config file"
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--config: cannot read {path}: {error}") from None
    try:
        raw = json.loads(
            content,
            parse_float=Decimal,
            parse_constant=lambda name: name,  # NaN and Infinity stay text; the fields reject them
            object_pairs_hook=_object_without_repeats,
        )
    except json.JSONDecodeError as error:
        raise ConfigError(f"--config: {path} is not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"--config: {path} must hold one JSON object")
    return raw


def _object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise ConfigError(f"{name}: is given twice in one object of the config file")
        result[name] = value
    return result


def _reject_unknown(prefix: str, came: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for name in came:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise ConfigError(
                f"{prefix}{name}: is not a field{hint}; allowed: {', '.join(sorted(known))}"
            )


def _checked(prefix: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _DEVICE_FIELDS[name](f"{prefix}{name}", value) for name, value in raw.items()}


def _checked_arguments(overrides: Overrides) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    if overrides.interval_seconds is not None:
        checked["interval_seconds"] = interval_seconds(
            "--interval-seconds", typed_number(overrides.interval_seconds)
        )
    if overrides.base_load_kwh is not None:
        checked["base_load_kwh"] = base_load_kwh(
            "--base-load-kwh", typed_number(overrides.base_load_kwh)
        )
    if overrides.timezone is not None:
        checked["timezone"] = timezone("--timezone", overrides.timezone)
    return checked


def _described(raw: Mapping[str, Any], common: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of every device in the file; a device's own override the common ones."""
    if "devices" not in raw:
        return [dict(common)] if "device_id" in common else []
    listed = raw["devices"]
    if not isinstance(listed, list) or not listed:
        raise rejection("devices", listed, "a list of at least one device")
    if "device_id" in common:
        raise ConfigError("device_id: is beside devices; allowed: inside each of devices")
    described = []
    for index, entry in enumerate(listed):
        prefix = f"devices[{index}]"
        if not isinstance(entry, dict):
            raise rejection(prefix, entry, "an object with a device_id")
        _reject_unknown(f"{prefix}.", entry, _DEVICE_FIELDS)
        own = _checked(f"{prefix}.", entry)
        if "device_id" not in own:
            raise ConfigError(f"{prefix}.device_id: is missing; allowed: a UUID")
        described.append(_merge(common, own))
    return described


def _merge(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**common, **own}
    if "patterns" in merged:
        merged["patterns"] = {**common.get("patterns", {}), **own.get("patterns", {})}
    return merged


def _chosen(
    ids: Sequence[str], described: Sequence[dict[str, Any]], common: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the devices of --device-id; a device of the file keeps its description."""
    by_id = {fields["device_id"]: fields for fields in described}
    chosen = [device_id("--device-id", each) for each in ids]
    return [by_id.get(each, {**common, "device_id": each}) for each in chosen]


def _device(fields: Mapping[str, Any], number_seed: int) -> SimulatedDevice:
    return SimulatedDevice(
        device_id=fields["device_id"],
        name=fields.get("name", ""),
        interval_seconds=fields.get("interval_seconds", DEFAULT_INTERVAL_SECONDS),
        base_load_kwh=fields.get("base_load_kwh", DEFAULT_BASE_LOAD_KWH),
        zone=fields.get("timezone") or ZoneInfo(DEFAULT_TIMEZONE),
        patterns={**DEFAULT_PATTERNS, **fields.get("patterns", {})},
        variation=fields.get("variation", DEFAULT_VARIATION),
        seed=number_seed,
    )


def _reject_repeated(devices: Sequence[SimulatedDevice]) -> None:
    seen: set[str] = set()
    for device in devices:
        if device.device_id in seen:
            raise ConfigError(
                f"device_id: {device.device_id} is named twice; allowed: each device once"
            )
        seen.add(device.device_id)
