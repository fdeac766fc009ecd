"""The command line: reads arguments, says what went wrong, and leaves the work to the other modules."""

from __future__ import annotations

import argparse
import shlex
import sys

from ems_tool import credentials, stack
from ems_tool.console import EmsError, fail
from ems_tool.home import Home
from ems_tool.identity import Identity


def _infra(options: argparse.Namespace) -> int:
    home, identity = Home.from_environment(), Identity.current()
    stack.settle(home, identity)
    secrets = credentials.ensure(home, identity)
    stack.check_ports(home, stack.INFRASTRUCTURE)
    stack.ensure_supervisor(home, identity)
    stack.start_infrastructure(home, identity, secrets, tester=True)
    for name, value in stack.environment_of(options.service, home, secrets, tester=True).items():
        if name not in ("PATH", "LANG"):
            print(f"export {name}={shlex.quote(value)}")
    return 0


def _down(_: argparse.Namespace) -> int:
    stack.stop(Home.from_environment())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./ems", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    infra = commands.add_parser("infra")
    infra.add_argument("service", choices=credentials.SERVICES)
    infra.set_defaults(run=_infra)
    commands.add_parser("down").set_defaults(run=_down)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except EmsError as error:
        fail(str(error))
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
    return status
