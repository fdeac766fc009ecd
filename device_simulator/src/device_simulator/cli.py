"""The command `device-simulator`: arguments in, exit status out."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import FrameType

from rich.logging import RichHandler

from device_simulator import __version__, commands, settings
from device_simulator.progress import console
from device_simulator.publisher import QUEUE, BrokerRejection
from device_simulator.readings import MAIN_CHANNEL, MAX_READINGS_PER_MESSAGE
from device_simulator.recording import UNITS, ColumnError, RecordingFormat

logger = logging.getLogger(__name__)

#: Exit status of a wrong argument or config field.
USAGE = 2

_batch = settings.integer(1, MAX_READINGS_PER_MESSAGE, "a whole number of readings")
_days = settings.integer(1, 3_660, "a whole number of days")
_shuffle = settings.integer(0, 2**63 - 1, "a whole number")
_BROKER_HELP = "amqp://USER:PASSWORD@HOST:PORT/ (default: the environment variable RABBITMQ_URL)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; return its exit status."""
    options = _parser().parse_args(arguments)
    _set_up_logging()
    stop = threading.Event()
    _stop_on_signals(stop)
    command: Callable[[argparse.Namespace, threading.Event], int] = options.command
    try:
        return command(options, stop)
    except (settings.ConfigError, ColumnError) as error:
        print(f"device-simulator: {error}", file=sys.stderr)
        return USAGE
    except BrokenPipeError:
        # The reader of the lines has ended (`| head`); Python would report it again at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return commands.FAILURE
    except BrokerRejection as error:
        print(f"device-simulator: the broker rejects: {error}", file=sys.stderr)
        return commands.FAILURE


def _run(options: argparse.Namespace, stop: threading.Event) -> int:
    return commands.run(
        _settings(options),
        queue=options.queue,
        batch=_batch_of(options),
        quiet=options.quiet,
        stop=stop,
    )


def _backfill(options: argparse.Namespace, stop: threading.Event) -> int:
    return commands.backfill(
        _settings(options),
        days=_days("--days", settings.typed_number(options.days)),
        until=_until(options.until),
        queue=options.queue,
        batch=_batch_of(options),
        stop=stop,
    )


def _replay(options: argparse.Namespace, stop: threading.Event) -> int:
    speed = _speed(options.speed)
    shuffle = None
    if options.shuffle is not None:
        shuffle = _shuffle("--shuffle", settings.typed_number(options.shuffle))
    if speed is not None and shuffle is not None:
        raise settings.ConfigError("--shuffle: has no pace; allowed: only with --speed max")
    if len(options.delimiter) != 1:
        raise settings.rejection("--delimiter", options.delimiter, "one character")
    chosen = commands.Replay(
        path=options.file,
        device_id=settings.device_id("--device-id", options.device_id),
        form=RecordingFormat(
            timestamp_column=options.timestamp_column,
            value_column=options.value_column,
            unit=options.unit,
            zone=settings.timezone("--timezone", options.timezone) if options.timezone else None,
            delimiter=options.delimiter,
            cumulative=options.cumulative,
            channel=settings.channel("--channel", options.channel),
            channel_column=options.channel_column,
        ),
        rabbitmq=settings.broker_address(options.rabbitmq, os.environ),
        queue=options.queue,
        batch=_batch_of(options),
        speed=speed,
        shuffle_seed=shuffle,
    )
    try:
        return commands.replay(chosen, stop)
    except OSError as error:
        raise settings.ConfigError(f"FILE: cannot read {options.file}: {error.strerror}") from None


def _settings(options: argparse.Namespace) -> settings.Settings:
    overrides = settings.Overrides(
        device_ids=options.device_id or (),
        interval_seconds=options.interval_seconds,
        base_load_kwh=options.base_load_kwh,
        timezone=options.timezone,
        seed=options.seed,
        rabbitmq=options.rabbitmq,
    )
    return settings.load(options.config, overrides, os.environ)


def _batch_of(options: argparse.Namespace) -> int:
    return _batch("--batch", settings.typed_number(options.batch))


def _until(text: str | None) -> float:
    now = time.time()
    if text is None:
        return now
    allowed = "a past instant with an offset, such as 2026-11-22T10:40:00Z"
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise settings.rejection("--until", text, allowed) from None
    if instant.tzinfo is None or instant.timestamp() > now:
        raise settings.rejection("--until", text, allowed)
    return instant.timestamp()


def _speed(text: str) -> float | None:
    """Return a factor of the recorded pace; None for the greatest speed."""
    if text == "max":
        return None
    check = settings.number(0, 1_000_000_000, "max, or a number above 0, up to")
    speed = float(check("--speed", settings.typed_number(text)))
    if speed <= 0:
        raise settings.rejection("--speed", text, "max, or a number above 0")
    return speed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=os.environ.get("DEVICE_SIMULATOR_COMMAND", "device-simulator"),
        description="Send readings of synthetic or recorded meters to the queue device_data_queue.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")

    run = subparsers.add_parser("run", help="live readings of synthetic meters, until Ctrl-C")
    _add_device_arguments(run)
    _add_sending_arguments(run, batch=1)
    run.add_argument("--quiet", action="store_true", help="no line for each confirmed reading")
    run.set_defaults(command=_run)

    backfill = subparsers.add_parser("backfill", help="the history of synthetic meters up to now")
    backfill.add_argument("--days", required=True, metavar="N", help="how many days back")
    backfill.add_argument("--until", metavar="INSTANT", help="end of the history (default: now)")
    _add_device_arguments(backfill)
    _add_sending_arguments(backfill, batch=100)
    backfill.set_defaults(command=_backfill)

    replay = subparsers.add_parser("replay", help="play a recorded meter's CSV file")
    _add_replay_arguments(replay)
    _add_sending_arguments(replay, batch=100)
    replay.set_defaults(command=_replay)
    return parser


def _add_device_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="JSON; see the README")
    parser.add_argument(
        "--device-id",
        action="append",
        metavar="UUID",
        help="this device instead of the config file's; may be repeated",
    )
    parser.add_argument("--interval-seconds", metavar="N", help="seconds between two readings")
    parser.add_argument("--base-load-kwh", metavar="KWH", help="energy of an hour at factor 1")
    parser.add_argument("--timezone", metavar="ZONE", help="IANA zone of the daily pattern")
    parser.add_argument("--seed", metavar="N", help="other numbers, other random parts")


def _add_replay_arguments(parser: argparse.ArgumentParser) -> None:
    column = "a header, or a number counted from 1"
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV, also gzip-compressed")
    parser.add_argument("--device-id", required=True, metavar="UUID")
    parser.add_argument("--timestamp-column", required=True, metavar="COL", help=column)
    parser.add_argument("--value-column", required=True, metavar="COL", help=column)
    parser.add_argument("--unit", required=True, choices=sorted(UNITS), help="of the value column")
    parser.add_argument(
        "--cumulative",
        action="store_true",
        help="the value is a register; it is sent as it is, for a device of kind cumulative",
    )
    channel = parser.add_mutually_exclusive_group()
    channel.add_argument(
        "--channel", default=MAIN_CHANNEL, metavar="CODE", help="of the device (default: main)"
    )
    channel.add_argument("--channel-column", metavar="COL", help=f"code of the channel: {column}")
    parser.add_argument(
        "--timezone", metavar="ZONE", help="IANA zone of timestamps that have no offset"
    )
    parser.add_argument(
        "--speed", default="max", metavar="max|N", help="N times the recorded pace (default: max)"
    )
    parser.add_argument("--shuffle", metavar="SEED", help="send the rows in a random order")
    parser.add_argument("--delimiter", default=",", metavar="CHAR", help="default: a comma")


def _add_sending_arguments(parser: argparse.ArgumentParser, batch: int) -> None:
    parser.add_argument("--rabbitmq", metavar="URL", help=_BROKER_HELP)
    parser.add_argument("--queue", default=QUEUE, metavar="NAME", help=f"default: {QUEUE}")
    parser.add_argument(
        "--batch",
        default=str(batch),
        metavar="N",
        help=f"readings in a message, up to {MAX_READINGS_PER_MESSAGE} (default: {batch})",
    )


def _set_up_logging() -> None:
    handler: logging.Handler
    if console.is_terminal:
        handler = RichHandler(console=console, show_path=False)
        handler.setFormatter(logging.Formatter("%(message)s"))
    else:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # The publisher says once what pika would repeat, with stack traces, at every try.
    logging.getLogger("pika").setLevel(logging.CRITICAL + 1)


def _stop_on_signals(stop: threading.Event) -> None:
    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, on_signal)
