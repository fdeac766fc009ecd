"""Start the gateway behind a gate that answers 503 until the gateway has its routes.

Traefik listens some hundred milliseconds before it has read its routes, and answers 404 during that
time, which programs understand as "deleted". Run the gate as
`python gate.py ADDRESS PING PROGRAM [ARGUMENT …]`: gate and program listen on the same address, and
a filter in the kernel chooses which of the two gets a connection.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import http.client
import os
import socket
import struct
import sys
import threading
import time

#: Linux: a packet filter program that chooses which of a port's sockets gets a connection.
_SO_ATTACH_REUSEPORT_CBPF = 51
_RETURN = 0x06

#: The gate's place among the sockets of the port, in the order in which they began to listen.
_GATE, _GATEWAY = 0, 1

#: Seconds between two checks of the gateway.
_PERIOD_SECONDS = 0.02

#: Seconds to wait until the address is free.
_FREE_SECONDS = 5

#: Seconds after which connections go to the gateway in any case.
_PATIENCE_SECONDS = 60

#: Seconds in which connections that the gate accepted are still answered.
_LAST_SECONDS = 0.5

_BODY = (
    b'{"type":"about:blank","title":"Service Unavailable","status":503,"code":"starting",'
    b'"detail":"The gateway is starting, try again in a second."}'
)
_ANSWER = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
    b"Retry-After: 1\r\nCache-Control: no-store\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


def main(address: str, ping: str, *command: str) -> None:
    """Serve the gate from a child process, and replace this process by the gateway.

    Raises `OSError` for an address that is taken.
    """
    gate = _listen(address)
    if os.fork() == 0:
        # A child of the gateway: if it outlives the gateway, the supervisor kills it.
        _serve(gate, ping)
        os._exit(0)
    gate.close()
    os.execv(command[0], command)  # noqa: S606 - the command line that the supervisor was given


def _listen(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as alone:
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # The gate of a gateway that was just killed ends a moment after it.
        end = time.monotonic() + _FREE_SECONDS
        while True:
            try:
                alone.bind((host, int(port)))
                break
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > end:
                    raise
            time.sleep(_PERIOD_SECONDS)
    gate = socket.socket(family)
    gate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    gate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    gate.bind((host, int(port)))
    gate.listen(1_024)
    _send_connections_to(gate, _GATE)
    return gate


def _send_connections_to(gate: socket.socket, place: int) -> None:
    instruction = ctypes.create_string_buffer(struct.pack("HBBI", _RETURN, 0, 0, place))
    program = struct.pack("HP", 1, ctypes.addressof(instruction))
    gate.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_REUSEPORT_CBPF, program)


def _serve(gate: socket.socket, ping: str) -> None:
    """Answer requests until the gateway has its routes."""
    threading.excepthook = _end_process
    threading.Thread(target=_accept, args=[gate], daemon=True).start()
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end and not _answers(ping):
        time.sleep(_PERIOD_SECONDS)
    # The entry points get their routes one after the other.
    time.sleep(_PERIOD_SECONDS)
    _send_connections_to(gate, _GATEWAY)
    time.sleep(_LAST_SECONDS)


def _end_process(failure: threading.ExceptHookArgs) -> None:
    """Log the end of a thread and end the gate: the kernel then gives connections to the gateway.

    Connections that a gate without its threads accepted would never be answered.
    """
    threading.__excepthook__(failure)
    os._exit(1)


def _answers(ping: str) -> bool:
    connection = http.client.HTTPConnection(ping, timeout=1)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/ping")
        return connection.getresponse().status == http.client.OK
    return False


def _accept(gate: socket.socket) -> None:
    while True:
        connection, _ = gate.accept()
        threading.Thread(target=_answer, args=[connection], daemon=True).start()


def _answer(connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        connection.settimeout(2)
        connection.recv(65_536)
        connection.sendall(_ANSWER)
        # Closing with unread bytes would reset the connection and lose the answer.
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
