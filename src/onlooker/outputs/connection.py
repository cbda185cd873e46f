"""Taking a connection over: from HTTP server to viewer, so that a publish is one write to a socket.

uvicorn serves the request up to and including the response's headers. Then its protocol is replaced on the transport by
a `SocketViewer` and told that its connection is gone; from there on `write` is `os.write` on the socket with the shared
bytes, and only what the kernel did not take goes to the transport, which says when it has drained.

The response has no length and no chunks: it ends with the connection. So the very same bytes serve HTTP/1.0 and
HTTP/1.1. Where there is no plain socket (TLS inside the process, Windows, another server) `StreamViewer` does the same
through ASGI.

What is used of uvicorn's insides, tested against the version pinned in pyproject.toml:
`HttpToolsProtocol.on_message_begin`, `.scope`, `.cycle.chunked_encoding`, `.transport` and `.connection_lost`.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from typing import cast

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from onlooker.live.viewer import Viewer

_KEY = "onlooker.connection"
# Under this key of the scope may stand a callable that wants to know the viewer of a stream that begins.
ADMITTED = "onlooker.admitted"

# What the kernel may hold for a viewer, in bytes. Unsent data beyond the first bound is not taken (TCP_NOTSENT_LOWAT),
# so that “newest on drain” is the newest on the screen; about one large frame. The second bounds what is in flight as
# well.
UNSENT = 64 << 10
IN_FLIGHT = 512 << 10
# Milliseconds after which a viewer that acknowledges nothing, like a phone that left the network, is given up.
GIVE_UP = 60_000

# Windows' event loop has no sockets that os.write understands: there the ASGI stream serves every viewer.
TAKES_OVER = sys.platform != "win32"


class TakeoverProtocol(HttpToolsProtocol):
    """uvicorn's own protocol, which also puts itself where a response can find it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if TAKES_OVER:
            self.scope["extensions"] = {_KEY: cast("dict[object, object]", self)}


class SocketViewer(Viewer, asyncio.Protocol):
    """A viewer that is the protocol of its own socket."""

    __slots__ = ("_fd", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._fd: int = transport.get_extra_info("socket").fileno()
        # What the server has not got rid of yet (hardly ever: the headers) goes first.
        self.busy = transport.get_write_buffer_size() > 0

    def write(self, data: bytes) -> None:
        # The descriptor is ours as long as `connection_lost` has not been called: event loops call that before they
        # close it.
        try:
            sent = os.write(self._fd, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.busy = True
            self._transport.abort()
            return
        if sent != len(data):
            self._transport.write(memoryview(data)[sent:])
            self.busy = self._transport.get_write_buffer_size() > 0

    def close(self) -> None:
        self.detach()
        self._transport.abort()

    def resume_writing(self) -> None:
        """The transport has written all it held."""
        if not self.closed:
            self.drained()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side went, or we closed."""
        self.detach()


class StreamViewer(Viewer):
    """A viewer whose bytes go through the ordinary ASGI stream, one part at a time."""

    __slots__ = ("_next", "_ready")

    def __init__(self) -> None:
        super().__init__()
        self._next: bytes | None = None
        self._ready = asyncio.Event()

    def write(self, data: bytes) -> None:
        self._next = data
        self.busy = True
        self._ready.set()

    def close(self) -> None:
        self.detach()
        self._ready.set()

    async def stream(self, send: Send) -> None:
        """Send what is written until the viewer is closed."""
        while not self.closed:
            await self._ready.wait()
            self._ready.clear()
            data, self._next = self._next, None
            if data is not None:
                await send({"type": "http.response.body", "body": data, "more_body": True})
                if not self.closed:
                    self.drained()


class LiveResponse(Response):
    """A response that never ends by itself: `preamble`, then whatever `watch` attaches the viewer to.

    `watch` is called once, with the viewer, right after the headers have been sent.
    """

    def __init__(self, watch: Callable[[Viewer], None], *, media_type: str, preamble: bytes = b"") -> None:
        super().__init__(
            media_type=media_type,
            headers={
                "Cache-Control": "no-store, no-cache, must-revalidate, private",
                "Pragma": "no-cache",
                "X-Accel-Buffering": "no",
                "Connection": "close",
            },
        )
        del self.headers["content-length"]
        self._watch = watch
        self._preamble = preamble

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        if scope["method"] == "HEAD":
            await send(start)
            await send({"type": "http.response.body"})
            return
        protocol = _takeable(scope)
        if protocol is None:
            await send(start)
            await self._through_asgi(scope, receive, send)
            return
        protocol.cycle.chunked_encoding = False
        # So that the headers are written at once and not behind the frames.
        protocol.transport.set_write_buffer_limits(high=0)
        await send(start)
        if not protocol.transport.is_closing():
            self._take_over(scope, protocol)

    def _take_over(self, scope: Scope, protocol: HttpToolsProtocol) -> None:
        transport = protocol.transport
        _bound_buffers(transport)
        viewer = SocketViewer(transport)
        transport.set_protocol(viewer)
        protocol.connection_lost(ConnectionAbortedError("the connection was taken over"))
        transport.resume_reading()  # to notice that the other side goes
        if self._preamble:
            if viewer.busy:
                transport.write(self._preamble)
            else:
                viewer.write(self._preamble)
        self._begin(scope, viewer)

    def _begin(self, scope: Scope, viewer: Viewer) -> None:
        if (admitted := scope.get(ADMITTED)) is not None:
            admitted(viewer)
        self._watch(viewer)

    async def _through_asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        viewer = StreamViewer()
        if self._preamble:
            await send({"type": "http.response.body", "body": self._preamble, "more_body": True})
        gone = asyncio.create_task(disconnected(receive))
        streaming = asyncio.create_task(viewer.stream(send))
        try:
            self._begin(scope, viewer)
            await asyncio.wait({gone, streaming}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            viewer.close()
            gone.cancel()
            streaming.cancel()
            await asyncio.gather(gone, streaming, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _takeable(scope: Scope) -> HttpToolsProtocol | None:
    protocol = scope.get("extensions", {}).get(_KEY)
    if not isinstance(protocol, HttpToolsProtocol) or protocol.transport.is_closing():
        return None
    return None if protocol.transport.get_extra_info("sslcontext") is not None else protocol


async def disconnected(receive: Receive) -> None:
    """Wait until the other side is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def cut(scope: Scope) -> None:
    """End the request’s connection at once, what was not sent with it; elsewhere the server ends it when it can."""
    protocol = scope.get("extensions", {}).get(_KEY)
    if isinstance(protocol, HttpToolsProtocol) and not protocol.transport.is_closing():
        protocol.transport.abort()


def _bound_buffers(transport: asyncio.Transport) -> None:
    sock: socket.socket = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, IN_FLIGHT)
    # Not every system has every one of these.
    for option, value in (("TCP_NOTSENT_LOWAT", UNSENT), ("TCP_USER_TIMEOUT", GIVE_UP)):
        number = getattr(socket, option, None)
        if number is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, number, value)
