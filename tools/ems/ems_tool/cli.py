"""The command line: reads arguments, says what went wrong, and leaves the work to others."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import Any

from ems_tool.backup import operations
from ems_tool.configuration import credentials
from ems_tool.configuration.home import ROOT, Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError, err, fail, note, out, step
from ems_tool.demo import demo_data
from ems_tool.development import bench, lock, testparts, testrun
from ems_tool.platform import lifecycle, services, startup, status
from ems_tool.runtime import control_socket
from ems_tool.runtime.process_table import become
from ems_tool.servers import rabbitmq

_DESCRIPTION = """\
Install and run the energy monitoring platform on this machine.
EMS_HOME (.ems) is where it keeps its data, EMS_PORT (8080) where it listens. These and all other
settings come from the environment or from a file .env; docs/operating.md lists them."""


def _up(options: argparse.Namespace) -> int:
    home = Home.to_start()
    was_running = control_socket.is_running(home.run)
    try:
        os_user, secrets = startup.up(home, foreground=not options.detach)
        if demo_data.is_wanted(home, os_user, options.demo):
            demo_data.fill(home, os_user, secrets)
            demo_data.start(home, os_user, secrets)
    except BaseException:
        # What was started for this attempt must not stay behind half alive.
        if not was_running:
            lifecycle.stop(home)
        raise
    demo_data.announce(home, secrets)
    running = ", ".join(control_socket.processes(home.run))
    note(f"Running: {running}.")
    if options.detach:
        note("`./ems status` shows how it is, `./ems down` stops it.")
        return 0
    note("Ctrl-C stops it.")
    startup.stay(home)
    return 0


def _down(_: argparse.Namespace) -> int:
    home = Home.from_environment()
    with step("Stopping"):
        lifecycle.stop(home)
    return 0


def _reset(options: argparse.Namespace) -> int:
    home = Home.from_environment()
    if not options.yes:
        raise EmsError(f"This deletes all data in {home.path}. If that is meant, add --yes.")
    with step("Stopping and deleting"):
        lifecycle.stop(home)
        lifecycle.remove(home)
    return 0


def _status(options: argparse.Namespace) -> int:
    home = Home.from_environment()
    found = status.collect(home, credentials.load(home))
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        status.show(found)
    return 0 if found["processes"] else 1


def _logs(options: argparse.Namespace) -> int:
    status.logs(Home.from_environment(), options.name, options.follow, options.lines)
    return 0


def _restart(options: argparse.Namespace) -> int:
    control_socket.ask(Home.from_environment().run, {"do": "restart", "name": options.name})
    return 0


def _kill(options: argparse.Namespace) -> int:
    name = options.signal.upper().removeprefix("SIG")
    if f"SIG{name}" not in signal.Signals.__members__:
        raise EmsError(f"There is no signal {options.signal!r}; `kill -l` lists them.")
    number = int(signal.Signals[f"SIG{name}"])
    request = {"do": "signal", "name": options.name, "signal": number}
    control_socket.ask(Home.from_environment().run, request)
    return 0


def _credentials(options: argparse.Namespace) -> int:
    home = Home.from_environment()
    secrets = credentials.load(home)
    if not secrets.admin:
        raise EmsError("This installation has no accounts yet; `./ems up` makes them.")
    urls = rabbitmq.urls(home.address("rabbitmq"), secrets)
    if options.json:
        found = {"admin": secrets.admin, "clients": secrets.clients, "broker": urls}
        found["backup"] = {"key": secrets.backup_key}
        print(json.dumps(found, indent=2))
        return 0
    for role, one in [("admin", secrets.admin), *(("client", one) for one in secrets.clients)]:
        out.print(f"{role:<17} {one['username']:<10} {one['password']}", markup=False)
    for name, url in urls.items():
        out.print(f"{rabbitmq.TITLES[name]:<17} {url}", markup=False, soft_wrap=True)
    out.print(f"{'key for backups':<17} {secrets.backup_key}", markup=False)
    return 0


def _manage(options: argparse.Namespace) -> int:
    home, os_user = Home.from_environment(), OsUser.current()
    secrets = credentials.load(home)
    if not secrets.admin:
        raise EmsError("This installation is not made yet; `./ems up` makes it.")
    service = options.service.removesuffix("_service") + "_service"
    if service not in credentials.SERVICES:
        raise EmsError(
            f"There is no service {options.service!r}. Services: {', '.join(credentials.SERVICES)}"
            " (auth, device and monitoring will do)."
        )
    argv = services.manage(service, os_user, home, options.arguments)
    env = services.environment_of(service, home, secrets, arguments=options.arguments)
    terminal = {name: os.environ[name] for name in ("TERM", "COLUMNS") if name in os.environ}
    passed = ("DJANGO_SUPER", "EMS_FAILPOINT")
    more = {name: value for name, value in os.environ.items() if name.startswith(passed)}
    os.chdir(ROOT / service)
    become(argv, more | terminal | env)


def _backup(options: argparse.Namespace) -> int:
    home, os_user = Home.from_environment(), OsUser.current()
    if not credentials.load(home).admin:
        raise EmsError("There is no installation here to be saved; `./ems up` makes one.")
    # An installation of an earlier version has no key for its backups yet.
    operations.save(home, os_user, credentials.ensure(home, os_user), options.file)
    note(f"{options.file} holds passwords and keys besides the data: keep it as safe as those.")
    note("A restore asks for the key for backups that `./ems credentials` shows. It is not in the")
    note("file: keep it elsewhere, too.")
    return 0


def _restore(options: argparse.Namespace) -> int:
    home = Home.to_start()
    key = None if options.unauthenticated else _backup_key()
    if key is None:
        note(f"Not looking at whether {options.file} was changed: whoever could write it may know")
        note(
            "every password of this installation, sign in as anybody and have changed any reading."
        )
    os_user = OsUser.current()
    made = operations.load(home, os_user, options.file, key=key, verify=options.verify)
    note(f"Restored as of {made.taken_at}{', verified' if options.verify else ''}.")
    note("`./ems up --detach` starts it.")
    return 0


def _backup_key() -> str:
    # Not an argument, which everybody on the machine can read; nor for the processes started later.
    key = os.environ.pop(operations.KEY, "").strip()
    if not key and sys.stdin.isatty():
        key = getpass.getpass("Key for backups of the installation that was saved: ").strip()
    if not key:
        raise EmsError(operations.NO_KEY)
    return key


def _simulate(options: argparse.Namespace) -> int:
    home = Home.from_environment()
    become(*demo_data.simulator(home, credentials.load(home), options.arguments))


def _infra(options: argparse.Namespace) -> int:
    home, os_user = Home.to_start(), OsUser.current()
    secrets = lifecycle.start_for_tests(home, os_user)
    for name, value in services.environment_of(options.service, home, secrets, tester=True).items():
        if name not in ("PATH", "LANG"):
            print(f"export {name}={shlex.quote(value)}")
    return 0


def _test(options: argparse.Namespace) -> int:
    if options.list:
        for name, text in testparts.DESCRIPTIONS.items():
            out.print(f"{name:<12} {text}", markup=False)
        return 0
    return testrun.run(options.parts, options.keyword)


def _bench(options: argparse.Namespace) -> int:
    return bench.run(options.names, options.quick, options.json)


def _lock(options: argparse.Namespace) -> int:
    with step("Resolving"):
        lock.refresh(ROOT, upgrade=options.upgrade)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./ems",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: object, text: str, **more: Any) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, **more)
        command.set_defaults(run=run)
        return command

    one = add("up", _up, "install, build, migrate, start and fill with demo data")
    one.add_argument("--detach", action="store_true", help="return when everything serves")
    one.add_argument("--no-demo", dest="demo", action="store_false", help="without demo data")
    add("down", _down, "stop everything")
    one = add("reset", _reset, "stop everything and delete the data")
    one.add_argument("--yes", action="store_true", help="yes, delete it")
    one = add("status", _status, "show every process and the queues")
    one.add_argument("--json", action="store_true")
    one = add("logs", _logs, "show what processes wrote")
    one.add_argument("name", nargs="?", metavar="NAME", help="a process; all without it")
    one.add_argument("-f", "--follow", action="store_true", help="go on showing what is written")
    one.add_argument("-n", "--lines", type=int, default=50, help="how many lines back (50)")
    one = add("restart", _restart, "stop a process and start it again")
    one.add_argument("name", metavar="NAME")
    one = add("kill", _kill, "send a signal to a process: what the tests of faults pull")
    one.add_argument("name", metavar="NAME")
    one.add_argument("signal", nargs="?", default="KILL", metavar="SIGNAL", help="KILL without it")
    one = add("credentials", _credentials, "show the generated logins of this installation")
    one.add_argument("--json", action="store_true")
    one = add("manage", _manage, "run manage.py of a service in its environment")
    names = f"{', '.join(credentials.SERVICES)}; auth, device and monitoring will do"
    one.add_argument("service", metavar="SERVICE", help=names)
    one.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…")
    one = add("backup", _backup, "save the databases, secrets and keys while all goes on")
    one.add_argument("file", type=Path, metavar="FILE", help="is made, readable by you alone")
    one = add("restore", _restore, "make an installation from a backup, in an empty EMS_HOME")
    one.add_argument("file", type=Path, metavar="FILE")
    one.add_argument(
        "--verify", action="store_true", help="derive the hours from the readings and compare"
    )
    one.add_argument(
        "--unauthenticated",
        action="store_true",
        help="take a file whose key is lost or that an earlier version made: whoever could change"
        " it may then sign in as anybody",
    )
    # Everything after it is the simulator's, options and --help included.
    mine = {"prefix_chars": "\0", "add_help": False}
    one = add(
        "simulate", _simulate, "run the simulator; `./ems simulate --help` is its help", **mine
    )
    one.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…")
    one = add("infra", _infra, "start only what a service's tests need; print its environment")
    one.add_argument("service", choices=credentials.SERVICES)
    one = add("test", _test, "install what is missing and run the tests, all or the named parts")
    one.add_argument("parts", nargs="*", metavar="PART")
    one.add_argument("--list", action="store_true", help="name the parts")
    one.add_argument("-k", dest="keyword", metavar="WORDS", help="only Python tests that fit")
    one = add("bench", _bench, "measure how fast it is here, beside what the hardware can do")
    one.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(bench.names())}")
    one.add_argument("--quick", action="store_true", help="small sizes: does it run at all")
    one.add_argument("--json", type=Path, default=bench.RESULTS, metavar="FILE", help="the rows")
    one = add("lock", _lock, "resolve requirements/*.txt from the pyproject files")
    one.add_argument("--upgrade", action="store_true", help="to the newest that fit")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        exit_status: int = options.run(options)
    except EmsError as error:
        fail(str(error))
        return 1
    except PermissionError as error:
        fail(f"{error.filename}: no permission. Run this as the user who started the platform.")
        return 1
    except KeyboardInterrupt:
        err.print()
        return 130
    except BrokenPipeError:
        # The reader of our output, such as `head`, has enough.
        sys.stderr.close()
        return 0
    return exit_status
