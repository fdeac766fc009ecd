"""The command line of `./ems`: parse arguments, call the packages, report errors."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ems_tool.backup import restoring, saving
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
_SHORT_NAMES = "the short names auth, device and monitoring are accepted"


def _up(options: argparse.Namespace) -> int:
    home = Home.to_start()
    was_running = control_socket.is_running(home.run)
    try:
        os_user, secrets = startup.up(home, foreground=not options.detach)
        if demo_data.is_included(home, os_user, options.demo):
            demo_data.fill(home, os_user, secrets)
            demo_data.start(home, os_user, secrets)
    except BaseException:
        # A start that failed must not leave half a platform running.
        if not was_running:
            lifecycle.stop(home)
        raise
    demo_data.announce(home, secrets)
    running = ", ".join(control_socket.processes(home.run))
    note(f"Running: {running}.")
    if options.detach:
        note("`./ems status` shows the processes, `./ems down` stops them.")
        return 0
    note("Ctrl-C stops them.")
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
        raise EmsError(f"This deletes all data in {home.path}. Add --yes to confirm it.")
    with step("Stopping and deleting"):
        lifecycle.stop(home)
        lifecycle.remove(home)
    return 0


def _status(options: argparse.Namespace) -> int:
    home = Home.from_environment()
    state = status.collect(home, credentials.load(home))
    if options.json:
        print(json.dumps(state, indent=2))
    else:
        status.show(state)
    return 0 if state["processes"] else 1


def _logs(options: argparse.Namespace) -> int:
    status.logs(Home.from_environment(), options.name, options.follow, options.lines)
    return 0


def _stop(options: argparse.Namespace) -> int:
    lifecycle.stop_process(Home.from_environment(), options.name)
    note(f"`./ems start {options.name}` or `./ems up` starts it again.")
    return 0


def _start(options: argparse.Namespace) -> int:
    lifecycle.start_process(Home.from_environment(), options.name)
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
        raise EmsError("This installation has no accounts yet; `./ems up` creates them.")
    urls = rabbitmq.urls(home.address("rabbitmq"), secrets)
    if options.json:
        document = {"admin": secrets.admin, "clients": secrets.clients, "broker": urls}
        document["backup"] = {"key": secrets.backup_key}
        print(json.dumps(document, indent=2))
        return 0
    for line in credentials.login_lines(secrets):
        out.print(line, markup=False)
    for name, url in urls.items():
        line = credentials.line(rabbitmq.TITLES[name], url)
        out.print(line, markup=False, soft_wrap=True)
    out.print(credentials.line("key for backups", secrets.backup_key), markup=False)
    return 0


def _manage(options: argparse.Namespace) -> int:
    home = Home.from_environment()
    secrets = credentials.load(home)
    if not secrets.admin:
        raise EmsError("There is no installation here; `./ems up` makes it.")
    service = options.service.removesuffix("_service") + "_service"
    if service not in credentials.SERVICES:
        raise EmsError(
            f"There is no service {options.service!r}. Services: {', '.join(credentials.SERVICES)}"
            f" ({_SHORT_NAMES})."
        )
    argv = services.manage(service, OsUser.current(), home, options.arguments)
    env = services.environment_of(service, home, secrets, arguments=options.arguments)
    terminal = {name: os.environ[name] for name in ("TERM", "COLUMNS") if name in os.environ}
    prefixes = ("DJANGO_SUPER", "EMS_FAILPOINT")
    more = {name: value for name, value in os.environ.items() if name.startswith(prefixes)}
    os.chdir(ROOT / service)
    become(argv, more | terminal | env)


def _backup(options: argparse.Namespace) -> int:
    home = Home.from_environment()
    if not credentials.load(home).admin:
        raise EmsError("There is no installation here to save; `./ems up` makes one.")
    os_user = OsUser.current()
    # An installation of an earlier version has no key for its backups yet.
    saving.save(home, os_user, credentials.ensure(home, os_user), options.file)
    note(f"{options.file} holds passwords and keys besides the data: keep it as safe as those.")
    note("A restore asks for the key for backups that `./ems credentials` shows. The file does not")
    note("hold it: keep it elsewhere, too.")
    return 0


def _restore(options: argparse.Namespace) -> int:
    home = Home.to_start()
    key = None if options.unauthenticated else _backup_key()
    if key is None:
        note(f"The authenticity of {options.file} is not checked. A person who changed it may know")
        note("every password of this installation, sign in as any user and have changed readings.")
    manifest = restoring.load(home, options.file, key=key, verify=options.verify)
    note(f"Restored as of {manifest.taken_at}{', verified' if options.verify else ''}.")
    note("`./ems up --detach` starts it.")
    return 0


def _backup_key() -> str:
    # Not an argument, which every user of the machine can read; and removed from the environment,
    # which the processes started later inherit.
    key = os.environ.pop(restoring.KEY, "").strip()
    if not key and sys.stdin.isatty():
        key = getpass.getpass("Key for backups of the installation that was saved: ").strip()
    if not key:
        raise EmsError(restoring.NO_KEY)
    return key


def _simulate(options: argparse.Namespace) -> int:
    home = Home.from_environment()
    become(*demo_data.simulator(home, credentials.load(home), options.arguments))


def _infra(options: argparse.Namespace) -> int:
    home = Home.to_start()
    secrets = startup.start_for_tests(home, OsUser.ensure())
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

    _add_installation_commands(add)
    _add_process_commands(add)
    _add_data_commands(add)
    _add_development_commands(add)
    return parser


def _add_installation_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    command = add("up", _up, "install, build, migrate, start and fill with demo data")
    command.add_argument("--detach", action="store_true", help="return when all processes serve")
    command.add_argument("--no-demo", dest="demo", action="store_false", help="without demo data")
    add("down", _down, "stop all processes")
    command = add("reset", _reset, "stop all processes and delete the data")
    command.add_argument("--yes", action="store_true", help="confirm the deletion")
    command = add("credentials", _credentials, "show the generated logins of this installation")
    command.add_argument("--json", action="store_true")


def _add_process_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    command = add("status", _status, "show every process and the queues")
    command.add_argument("--json", action="store_true")
    command = add("logs", _logs, "show the logs of processes")
    command.add_argument("name", nargs="?", metavar="NAME", help="a process; all without it")
    command.add_argument("-f", "--follow", action="store_true", help="show new lines until Ctrl-C")
    command.add_argument("-n", "--lines", type=int, default=50, help="how many last lines (50)")
    command = add("stop", _stop, "stop a process; it stays stopped until `start` or `up`")
    command.add_argument("name", metavar="NAME")
    command = add("start", _start, "start a process that was stopped")
    command.add_argument("name", metavar="NAME")
    command = add("restart", _restart, "stop a process and start it again")
    command.add_argument("name", metavar="NAME")
    command = add("kill", _kill, "send a signal to a process, as an accident would")
    command.add_argument("name", metavar="NAME")
    command.add_argument(
        "signal", nargs="?", default="KILL", metavar="SIGNAL", help="KILL if omitted"
    )


def _add_data_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    command = add("manage", _manage, "run manage.py of a service in its environment")
    names = f"{', '.join(credentials.SERVICES)}; {_SHORT_NAMES}"
    command.add_argument("service", metavar="SERVICE", help=names)
    command.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…")
    command = add("backup", _backup, "save the databases, secrets and keys while the platform runs")
    command.add_argument(
        "file", type=Path, metavar="FILE", help="a new file that you alone may read"
    )
    command = add("restore", _restore, "make an installation from a backup, in an empty EMS_HOME")
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument(
        "--verify", action="store_true", help="derive the hours from the readings and compare"
    )
    command.add_argument(
        "--unauthenticated",
        action="store_true",
        help="accept a file whose key is lost or that an earlier version made; a person who changed"
        " it can then sign in as any user",
    )
    # All further arguments are the simulator's, options and --help included.
    unparsed = {"prefix_chars": "\0", "add_help": False}
    text = "run the simulator; `./ems simulate --help` is its help"
    command = add("simulate", _simulate, text, **unparsed)
    command.add_argument("arguments", nargs=argparse.REMAINDER, metavar="…")


def _add_development_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    command = add("infra", _infra, "start the servers for a service's tests; print its environment")
    command.add_argument("service", choices=credentials.SERVICES)
    command = add("test", _test, "install what is missing and run the tests: all, or some parts")
    command.add_argument("parts", nargs="*", metavar="PART")
    command.add_argument("--list", action="store_true", help="list the parts")
    command.add_argument("-k", dest="keyword", metavar="WORDS", help="only Python tests that match")
    command = add("bench", _bench, "measure the speed here, beside the limits of the hardware")
    command.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(bench.names())}")
    command.add_argument("--quick", action="store_true", help="small sizes, as a trial run")
    command.add_argument(
        "--json", type=Path, default=bench.RESULTS, metavar="FILE", help="where the rows go"
    )
    command = add("lock", _lock, "resolve requirements/*.txt from the pyproject files")
    command.add_argument("--upgrade", action="store_true", help="to the newest versions that fit")


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
        # The reader of the output, such as `head`, has closed the pipe.
        sys.stderr.close()
        return 0
    return exit_status
