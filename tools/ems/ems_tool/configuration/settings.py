"""The operator's settings: in the environment or, for names not set there, in a file `.env`.

Docker Compose reads the same file. Values are looked up here by name and passed to the processes
that need them; nothing of the file enters the environment of any other process.
"""

from __future__ import annotations

import difflib
import functools
import ipaddress
import os
import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ems_tool.console import EmsError, note

#: The checkout that this command belongs to.
ROOT = Path(__file__).resolve().parents[4]
#: The variable that names the file; if it is empty no file is read, as in tests.
FILE = "EMS_ENV_FILE"
#: The prefix of OpenTelemetry's own variables, which are passed on unchanged.
TRACES = "OTEL_"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_ASSIGNMENT = re.compile(r"(?:export )?[A-Za-z_0-9]+=")


def _port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= 65535


def _count(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) >= 1


def _address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return text == "localhost"
    return True


def _zone(text: str) -> bool:
    try:
        zoneinfo.ZoneInfo(text)
    except (KeyError, OSError, ValueError):
        return False
    return True


def _switch(text: str) -> bool:
    return text.lower() in ("true", "false", "1", "0", "yes", "no", "on", "off")


def _origins(text: str) -> bool:
    return all(re.fullmatch(r"https?://[^/\s]+", origin.strip()) for origin in text.split(","))


@dataclass(frozen=True)
class Setting:
    """A setting: its default, the rule for its values, and the installations that read it."""

    default: str
    rule: str = ""
    fits: Callable[[str], bool] = lambda _: True
    native: bool = True
    containers: bool = False


_NUMBER = "a number from 1 up"
#: By name. docs/operating.md and .env.example describe the same ones; a test compares them.
SETTINGS = {
    "EMS_HOME": Setting(".ems"),
    "EMS_PORT": Setting("8080", "a port from 1 to 65535", _port),
    "EMS_BIND": Setting("127.0.0.1", "an IPv4 address of this machine, or 0.0.0.0", _address),
    "EMS_PUBLIC_ORIGINS": Setting("", "addresses such as https://energy.example.org", _origins),
    "EMS_TIME_ZONE": Setting("UTC", "a zone such as Europe/Berlin", _zone, containers=True),
    "EMS_REGISTRATION_OPEN": Setting("True", "True or False", _switch, containers=True),
    "EMS_DECLARING_CLIENTS": Setting("False", "True or False", _switch, containers=True),
    "EMS_SIGN_INS_PER_MINUTE": Setting("10", _NUMBER, _count, containers=True),
    "EMS_REQUESTS_PER_MINUTE": Setting("6000", _NUMBER, _count, containers=True),
    "READINGS_RETENTION_MONTHS": Setting("25", _NUMBER, _count, containers=True),
    "LOG_LEVEL": Setting(
        "INFO", f"one of {', '.join(_LEVELS)}", lambda text: text in _LEVELS, containers=True
    ),
    "LOG_FORMAT": Setting(
        "line", "line or json", lambda text: text in ("line", "json"), containers=True
    ),
    # Read by the compose file alone: native installations have EMS_PORT, EMS_BIND and a proxy.
    **{
        name: Setting(default, native=False, containers=True)
        for name, default in {
            "HTTP_PORT": "80",
            "HTTPS_PORT": "127.0.0.1:8443",
            "EMS_HOSTS": "",
            "DOMAIN": "",
            "ACME_EMAIL": "",
            "ACME_SERVER": "",
            "AMQP_BIND": "127.0.0.1:5672",
            "RABBITMQ_PAGES": "127.0.0.1:15672",
        }.items()
    },
}


def value(name: str) -> str:
    """Return the value of a setting, or its default. Raises `EmsError` for a wrong value."""
    setting = SETTINGS[name]
    text = given(name)
    if text and not setting.fits(text):
        remedy = "Correct it"
        if name not in os.environ:
            remedy += f", or set {name} in the environment, which comes before the file"
        raise EmsError(f"{where(name)} is {text!r}; it must be {setting.rule}. {remedy}.")
    return text or setting.default


def is_on(name: str) -> bool:
    """Return whether a switch is on. Raises `EmsError` for a wrong value."""
    return value(name).lower() in ("true", "1", "yes", "on")


def given(name: str) -> str:
    """Return the unchecked value of a setting; empty if it is not set."""
    return os.environ.get(name, _from_file().get(name, "")).strip()


def where(name: str) -> str:
    """Return the name of a setting, followed by the file if the file sets it."""
    in_file = name not in os.environ and name in _from_file()
    return f"{name} in {file()}" if in_file else name


def check() -> None:
    """Raise `EmsError` for the first wrong value, so that no start fails half-way."""
    for name, setting in SETTINGS.items():
        if setting.native:
            value(name)


def home() -> Path:
    """Return the folder of the installation; a relative path begins at the file that sets it."""
    text = given("EMS_HOME")
    if not text:
        return ROOT / SETTINGS["EMS_HOME"].default
    base = Path.cwd() if "EMS_HOME" in os.environ else file().parent
    return (base / text).resolve()


def of_traces() -> dict[str, str]:
    """Return OpenTelemetry's settings, which name the receiver of traces."""
    names = {name for name in (*os.environ, *_from_file()) if name.startswith(TRACES)}
    return {name: text for name in sorted(names) if (text := given(name))}


def isolate() -> None:
    """Remove the operator's settings from this process and from all processes that it starts.

    Tests and benchmarks would otherwise measure, or even change, a real installation.
    """
    for name in [name for name in os.environ if name in SETTINGS or name.startswith(TRACES)]:
        del os.environ[name]
    os.environ[FILE] = ""


def file() -> Path:
    """Return the path of the file, whether it exists or not."""
    return (Path.cwd() / os.environ.get(FILE, ROOT / ".env")).resolve()


def _from_file() -> dict[str, str]:
    return {} if os.environ.get(FILE) == "" else _read(file())


@functools.cache
def _read(path: Path) -> dict[str, str]:
    """Return the settings of a file and report unknown names. Raises `EmsError`."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        if FILE in os.environ:
            raise EmsError(f"{FILE} names {path}, which does not exist.") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise EmsError(f"{path} cannot be read as text: {error}") from error
    for number, line in enumerate(lines, start=1):
        # Compose reads text after " #" as a comment, this parser as a part of the value.
        plain = _ASSIGNMENT.match(line) and (" #" not in line or line.rstrip()[-1] in "'\"")
        if line and not line.startswith("#") and not plain:
            # The line itself may hold a secret: it is not shown.
            raise EmsError(
                f"{path}, line {number} cannot be parsed. Write NAME=value without spaces around"
                " the =, one a line, and comments on lines of their own that begin with #."
            )
    values = _parsed(lines)
    for name in sorted(name for name in values if name.startswith("EMS_")):
        if name not in SETTINGS:
            close = difflib.get_close_matches(name, SETTINGS, 1)
            advice = f"did you mean {close[0]}?" if close else "docs/operating.md lists the names."
            note(f"{name} in {path} is unknown and ignored: {advice}")
    known = (name for name in values if name in SETTINGS or name.startswith(TRACES))
    return {name: values[name] for name in known}


def _parsed(lines: list[str]) -> dict[str, str]:
    import io

    import environ  # not needed, and not there, where containers are prepared

    class _File(environ.Env):  # type: ignore[misc]
        # Not the environment of this process: all processes that it starts would inherit it.
        ENVIRON: dict[str, str] = {}

    _File.read_env(io.StringIO("\n".join(lines)))
    return dict(_File.ENVIRON)
