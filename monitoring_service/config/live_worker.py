"""Gunicorn's worker of the live process, and the limits of a socket before its user is known."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn_worker import UvicornWorker
from websockets.frames import CloseCode, Frame

#: Bytes of one message; a subscription to 1,000 devices has 40,000.
MAX_MESSAGE_BYTES = 65_536

#: Frames a second, pings and parts of messages included; a dashboard sends a few in a minute.
MAX_FRAMES_PER_SECOND = 200

#: Bytes parsed at a time: tiny frames cost a thousand times their size while they are parsed.
PARSED_BYTES = 4_096

#: Seconds in which a socket that was closed may still read why.
CLOSE_SECONDS = 5


class BoundedSocket(WebSocketsSansIOProtocol):
    """uvicorn's socket with limits on memory and answers; beyond them it is closed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Begin with no frame counted."""
        super().__init__(*args, **options)
        self._second_began = 0.0
        self._frames_in_second = 0
        self._ended = False

    # Incoming frames.

    def data_received(self, data: bytes) -> None:
        """Parse the data in small pieces."""
        for begin in range(0, len(data), PARSED_BYTES):
            if not self._ended and not self.transport.is_closing():
                super().data_received(data[begin : begin + PARSED_BYTES])
            if not self.handshake_initiated and self.conn.handshake_exc is not None:
                # uvicorn would wait without limit for a request that it can read.
                self._end(CloseCode.PROTOCOL_ERROR)

    def handle_text(self, event: Frame) -> None:
        """Handle a text frame within the limit."""
        if self._allowed():
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        """Handle a binary frame within the limit."""
        if self._allowed():
            super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        """Add the next part of a message."""
        if self._allowed():
            # In one piece: an empty part takes six bytes on the wire and sixty in a list.
            if not isinstance(self._message, bytearray):
                self._message = bytearray(self._message)
            self._message += event.data
            if event.fin:
                self.send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Answer a ping within the limit."""
        if self._allowed():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Handle a pong within the limit."""
        if self._allowed():
            super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        """Pass a whole message to the application; close the socket if the message is not UTF-8."""
        try:
            if self.curr_msg_data_type == "text":
                self._message.decode()
        except UnicodeDecodeError:
            self._end(CloseCode.INVALID_DATA, "not UTF-8")
        else:
            super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        """Close the socket with the code of the protocol's error."""
        self._end(CloseCode.PROTOCOL_ERROR)

    @property
    def _message(self) -> bytes | bytearray:
        return self.frames[0]

    @_message.setter
    def _message(self, message: bytearray) -> None:
        self.frames = [message]  # type: ignore[list-item]

    def _allowed(self) -> bool:
        if self._ended or self.close_sent:
            return False
        now = self.loop.time()
        if now - self._second_began >= 1:
            self._second_began, self._frames_in_second = now, 0
        self._frames_in_second += 1
        if self._frames_in_second > MAX_FRAMES_PER_SECOND:
            self._end(CloseCode.POLICY_VIOLATION, "too many frames")
        return not self._ended

    # Outgoing frames.

    def pause_writing(self) -> None:
        """Stop writing, and reading too."""
        # Answers to pings are written at once: a client that sends pings and reads nothing would
        # fill the memory.
        super().pause_writing()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Read again unless the application is behind."""
        super().resume_writing()
        if not self.read_paused:
            self.transport.resume_reading()

    async def receive(self) -> ASGIReceiveEvent:
        """Return the next event; read nothing more while the client does not read."""
        event = await super().receive()
        if not self.writable.is_set():
            self.transport.pause_reading()
        return event

    async def send(self, message: ASGISendEvent) -> None:
        """Send an event. Raises ClientDisconnected once the socket is closed."""
        if self._ended:
            raise ClientDisconnected
        await super().send(message)

    # The end.

    def _end(self, code: int, reason: str = "") -> None:
        """Close with the code of the protocol's error if there is one, else with `code`."""
        if self._ended:
            return
        self._ended = True
        self.frames = []
        self.stop_keepalive()
        if not self.handshake_initiated:
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            self.transport.close()
            return
        self.conn.fail(code, reason)
        closed_with = self.conn.close_sent.code if self.conn.close_sent else code
        self.queue.put_nowait({"type": "websocket.disconnect", "code": closed_with})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        # The other end may still be sending. Closed now, the connection would be reset, and the
        # close frame be lost: data is read and dropped until the other end has closed, too.
        self.transport.write_eof()
        self.transport.resume_reading()
        self.close_timer = self.loop.call_later(CLOSE_SECONDS, self.transport.abort)

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Close the connection some seconds after the application has ended."""
        super().on_task_complete(task)
        # The connection of a client that reads nothing would stay open, with all it was sent.
        self.loop.call_later(CLOSE_SECONDS, self.transport.abort)


class LiveWorker(UvicornWorker):  # type: ignore[misc]
    """gunicorn's worker for the live process."""

    CONFIG_KWARGS = {
        "loop": "auto",
        "http": "h11",
        "ws": BoundedSocket,
        "ws_max_size": MAX_MESSAGE_BYTES,
        # A compressed frame of a few bytes may expand to gigabytes.
        "ws_per_message_deflate": False,
    }
