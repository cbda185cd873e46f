"""Taking over: both ways of leaving the process pass the same tests, over real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from fastapi import FastAPI

from onlooker.live.channel import Channel
from onlooker.live.status import Rendition
from onlooker.live.viewer import Viewer
from onlooker.outputs import connection
from onlooker.outputs.connection import LiveResponse, SocketViewer, StreamViewer, TakeoverProtocol
from tests.live.scripted import settle

PREAMBLE = b"--preamble--"


@dataclass
class Served:
    """A server with one live URL, and what came to it."""

    port: int
    channel: Channel
    server: uvicorn.Server
    viewers: list[Viewer] = field(default_factory=list)

    async def get(self, request: str = "GET /live HTTP/1.1\r\nHost: hub\r\n\r\n") -> Client:
        sock = socket.socket()
        sock.setblocking(False)
        # Small, so that a client which does not read is noticed after little.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 << 10)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, ("127.0.0.1", self.port))
        await loop.sock_sendall(sock, request.encode())
        return Client(sock)


@dataclass
class Client:
    sock: socket.socket
    data: bytearray = field(default_factory=bytearray)

    async def until(self, mark: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(10):
            while mark not in self.data:
                more = await loop.sock_recv(self.sock, 1 << 16)
                assert more, f"closed before {mark!r} came"
                self.data += more
        return bytes(self.data)

    async def until_closed(self) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(10):
            try:
                while await loop.sock_recv(self.sock, 1 << 16):
                    pass
            except ConnectionResetError:
                pass


@pytest.fixture(params=["taken over", "streamed"])
async def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    monkeypatch.setattr(connection, "TAKES_OVER", request.param == "taken over")
    channel = Channel(Rendition(), lambda *_: None)
    app = FastAPI()
    viewers: list[Viewer] = []

    def watch(viewer: Viewer) -> None:
        viewers.append(viewer)
        viewer.watch([channel])

    @app.api_route("/live", methods=["GET", "HEAD"])
    async def live() -> LiveResponse:
        return LiveResponse(watch, media_type="multipart/x-mixed-replace;boundary=frame", preamble=PREAMBLE)

    @app.get("/plain")
    async def plain() -> str:
        return "plain"

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=TakeoverProtocol, ws="none", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    await settle(lambda: server.started)
    yield Served(listener.getsockname()[1], channel, server, viewers)
    for viewer in list(viewers):
        viewer.close()
    server.should_exit = True
    async with asyncio.timeout(10):
        await serving
    listener.close()


def body_of(data: bytes) -> bytes:
    """What a client makes of it, chunked or not."""
    head, _, rest = data.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return rest
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        body += rest[: int(size, 16)]
        rest = rest[int(size, 16) + 2 :]
    return body


async def test_headers_then_preamble_then_parts_in_order(served: Served) -> None:
    client = await served.get()
    await client.until(PREAMBLE)
    await settle(lambda: served.channel.viewers)
    for number in range(20):
        served.channel.publish(b"<part %d>" % number, None)
        await client.until(b"<part %d>" % number)
    data = bytes(client.data)
    assert data.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-type: multipart/x-mixed-replace;boundary=frame" in data.lower()
    assert body_of(data) == PREAMBLE + b"".join(b"<part %d>" % n for n in range(20))
    client.sock.close()


async def test_the_expected_way_is_taken(served: Served) -> None:
    client = await served.get()
    await settle(lambda: served.viewers)
    expected = SocketViewer if connection.TAKES_OVER else StreamViewer
    assert isinstance(served.viewers[0], expected)
    client.sock.close()


async def test_a_viewer_that_goes_is_detached(served: Served) -> None:
    client = await served.get()
    await settle(lambda: served.channel.viewers)
    client.sock.close()
    await settle(lambda: not served.channel.viewers)
    served.channel.publish(b"nobody", None)
    assert served.viewers[0].closed


async def test_one_that_does_not_read_delays_nobody_and_resumes_with_the_newest(served: Served) -> None:
    stuck, quick = await served.get(), await served.get()
    await settle(lambda: served.channel.viewers == 2)
    big = bytes(300_000)
    count = 0
    while not any(viewer.pending for viewer in served.viewers):
        count += 1
        assert count < 100
        mark = b"<%d>" % count
        served.channel.publish(big + mark, None)
        await quick.until(mark)
        quick.data.clear()
    for extra in range(5):
        served.channel.publish(big + b"<late %d>" % extra, None)
        await quick.until(b"<late %d>" % extra)
        quick.data.clear()
    assert served.channel.skipped_busy >= 4
    data = await stuck.until(b"<late 4>")
    assert all(b"<late %d>" % extra not in data for extra in range(4))
    stuck.sock.close()
    quick.sock.close()


async def test_closing_a_viewer_ends_its_connection(served: Served) -> None:
    client = await served.get()
    await client.until(PREAMBLE)
    await settle(lambda: served.viewers)
    served.viewers[0].close()
    await client.until_closed()
    client.sock.close()


async def test_head_gives_the_headers_and_ends(served: Served) -> None:
    client = await served.get("HEAD /live HTTP/1.1\r\nHost: hub\r\n\r\n")
    await client.until(b"\r\n\r\n")
    await client.until_closed()
    assert PREAMBLE not in client.data
    assert not served.viewers
    client.sock.close()


async def test_other_requests_are_served_as_ever(served: Served) -> None:
    client = await served.get("GET /plain HTTP/1.1\r\nHost: hub\r\n\r\n" * 2)
    await client.until(b'"plain"')
    client.sock.close()


async def test_after_an_ordinary_request_on_the_same_connection(served: Served) -> None:
    client = await served.get("GET /plain HTTP/1.1\r\nHost: hub\r\n\r\n")
    await client.until(b'"plain"')
    await asyncio.get_running_loop().sock_sendall(client.sock, b"GET /live HTTP/1.1\r\nHost: hub\r\n\r\n")
    await client.until(PREAMBLE)
    client.sock.close()


async def test_what_a_viewer_sends_later_is_ignored(served: Served) -> None:
    client = await served.get()
    await client.until(PREAMBLE)
    await settle(lambda: served.channel.viewers)
    await asyncio.get_running_loop().sock_sendall(client.sock, b"GET /plain HTTP/1.1\r\nHost: hub\r\n\r\n" * 50)
    served.channel.publish(b"<still here>", None)
    await client.until(b"<still here>")
    assert b"plain" not in client.data
    client.sock.close()


# uvicorn frames the fallback's body itself, and knows no HTTP/1.0 without chunks.
@pytest.mark.parametrize("served", ["taken over"], indirect=True)
async def test_an_old_client_gets_no_chunks(served: Served) -> None:
    client = await served.get("GET /live HTTP/1.0\r\n\r\n")
    data = await client.until(PREAMBLE)
    assert data.endswith(b"\r\n\r\n" + PREAMBLE)
    client.sock.close()


@pytest.mark.parametrize("served", ["taken over"], indirect=True)
async def test_the_server_has_nothing_left_of_a_connection_taken_over(served: Served) -> None:
    client = await served.get()
    await settle(lambda: served.channel.viewers)
    await settle(lambda: not served.server.server_state.tasks)
    assert not served.server.server_state.connections
    client.sock.close()
