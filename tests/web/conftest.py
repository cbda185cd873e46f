"""A gated application served over real sockets, and a client without cookies or redirects of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import numpy as np
import pytest
import simplejpeg
import uvicorn
from fastapi import FastAPI, Request
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from onlooker.clock import Clock, ManualClock, SystemClock
from onlooker.errors import SourceRefused
from onlooker.live.hub import CameraPlan, Hub
from onlooker.media import Frame, Media
from onlooker.outputs.connection import TakeoverProtocol
from onlooker.web import login, problems, sharing
from onlooker.web.credentials import Credentials
from onlooker.web.gate import Gate, visitor_of
from onlooker.web.guest_cookie import GuestCookie
from onlooker.web.login import LoginLinks
from onlooker.web.options import WebOptions
from onlooker.web.sessions import Sessions, load_secret
from onlooker.web.shares import Shares
from onlooker.web.templating import Pages
from onlooker.web.users import Users

Serve = Callable[[ASGIApp], Awaitable[str]]


class _Server(uvicorn.Server):
    """Leaves the signal handlers of the test process alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve an application on a port of its own; returns its address."""
    running: list[tuple[_Server, asyncio.Task[None]]] = []

    async def start(app: ASGIApp) -> str:
        config = uvicorn.Config(
            app,
            port=0,
            lifespan="off",
            proxy_headers=False,
            log_config=None,
            http=TakeoverProtocol,
            ws="websockets-sansio",
        )
        server = _Server(config)
        task = asyncio.create_task(server.serve())
        running.append((server, task))
        async with asyncio.timeout(10):
            while not server.started:
                assert not task.done()
                await asyncio.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    yield start
    for server, task in running:
        server.should_exit = server.force_exit = True
        await asyncio.wait_for(task, 10)


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=timeout) as session:
        yield session


@dataclass
class House:
    """Everything the gate needs, with the user anna and a clock that stands still."""

    users: Users
    clock: ManualClock
    credentials: Credentials
    sessions: Sessions
    links: LoginLinks
    shares: Shares
    guest_cookie: GuestCookie
    pages: Pages
    app: FastAPI
    data: Path

    def gated(self, **options: object) -> Gate:
        return Gate(
            self.app,
            users=self.users,
            credentials=self.credentials,
            sessions=self.sessions,
            shares=self.shares,
            guest_cookie=self.guest_cookie,
            pages=self.pages,
            options=WebOptions(**options),  # type: ignore[arg-type]
        )

    def cookie(self, name: str = "anna") -> dict[str, str]:
        return {"Cookie": f"onlooker_session={self.sessions.sign(name)}"}


PASSWORD = "correct horse"


@pytest.fixture
def house(tmp_path: Path) -> House:
    users = Users(tmp_path)
    users.add("anna", PASSWORD)
    clock = ManualClock()
    credentials = Credentials(users, clock)
    secret = load_secret(tmp_path)
    sessions = Sessions(users, secret, clock, days=30)
    shares = Shares(tmp_path, clock)
    guest_cookie = GuestCookie(shares, secret, clock)
    links = LoginLinks(clock)
    pages = Pages()
    app = FastAPI(openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None)
    problems.install(app)
    app.include_router(login.router(pages, credentials, sessions, links))
    app.include_router(sharing.router(pages, shares, guest_cookie, credentials, clock))

    @app.api_route("/who", methods=["GET", "POST"], include_in_schema=False)
    async def who(request: Request) -> dict[str, object]:
        visitor = visitor_of(request.scope)
        assert visitor is not None
        client = request.client.host if request.client else None
        return {"name": visitor.name, "by": visitor.by, "client": client, "url": str(request.url)}

    @app.get("/static/probe", include_in_schema=False)
    async def probe() -> str:
        return "public"

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("welcome")
        await websocket.close()

    return House(users, clock, credentials, sessions, links, shares, guest_cookie, pages, app, tmp_path)


class Pictures:
    """A camera that gives the same small picture over and over."""

    def __init__(self, shade: int) -> None:
        self._data = simplejpeg.encode_jpeg(np.full((16, 32, 3), shade, np.uint8))

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        while True:
            yield Frame(self._data, clock.now())
            await clock.sleep(0.02)


class Refusing:
    """A camera whose password is wrong."""

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        raise SourceRefused("The camera refuses the password; correct it in onlooker.toml.")
        yield


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    """A hub with three cameras: yard and door give pictures, cellar refuses."""
    hub = Hub(SystemClock())
    await hub.apply(
        [
            CameraPlan("yard", "The yard", "http", lambda: Pictures(40), fingerprint="a"),
            CameraPlan("cellar", "The cellar", "rtsp", Refusing, fingerprint="b"),
            CameraPlan("door", "The door", "usb", lambda: Pictures(200), fingerprint="c"),
        ]
    )
    yield hub
    await hub.close()
