"""The composition root: the only file that knows every part; it builds, joins, starts and stops them."""

from __future__ import annotations

import asyncio
import errno
import logging
import secrets
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_address
from types import ModuleType

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Scope

from onlooker import __version__, logs
from onlooker.archive.archive import Archive
from onlooker.archive.camera_log import CameraLogs, following
from onlooker.archive.opening import opened
from onlooker.archive.uploads import Uploads
from onlooker.clock import Clock, SystemClock
from onlooker.config import Invocation, Ready, ServerSettings, Settings, viewing, watch
from onlooker.config.adding import CameraBook
from onlooker.devices import Receiving
from onlooker.discovery.announcing import Announcement, announce
from onlooker.discovery.interfaces import own_addresses
from onlooker.discovery.proposal import Book
from onlooker.discovery.search import Search, every_way
from onlooker.errors import ConfigError
from onlooker.live.hub import Hub
from onlooker.live.noticing import Noticer
from onlooker.media import Projection
from onlooker.outputs import album_zip, camera_events, events, latest, mjpeg, still
from onlooker.outputs import photos as pictures
from onlooker.outputs.connection import TakeoverProtocol
from onlooker.web import (
    add_pages,
    album_pages,
    broadcasting,
    compat,
    compat_osc,
    guests,
    health,
    login,
    metrics,
    pages,
    problems,
    sharing,
    show_pages,
)
from onlooker.web.addresses import EVERY_ADDRESS, addresses
from onlooker.web.api import albums, cameras, devices, discovery, docs, photos, push, uploads, views
from onlooker.web.api import camera_events as camera_events_api
from onlooker.web.api import shares as shares_api
from onlooker.web.credentials import Credentials
from onlooker.web.device_jobs import Jobs
from onlooker.web.gate import Gate, visitor_of
from onlooker.web.guest_cookie import GuestCookie
from onlooker.web.options import WebOptions
from onlooker.web.running import Running
from onlooker.web.sessions import Sessions, load_secret
from onlooker.web.shares import Kind, Shares
from onlooker.web.templating import Pages
from onlooker.web.users import Users

log = logging.getLogger(__name__)

GRACE = 1  # whole seconds ordinary requests have to finish after SIGTERM
LARGEST_MESSAGE = 8 << 20  # bytes in one message of a WebSocket: a frame that a phone sends

OnReady = Callable[[Ready], None]


def main(invocation: Invocation, *, log_in_link: bool = False, on_ready: OnReady | None = None) -> int:
    """Run a hub until SIGTERM or Ctrl-C; the exit status. ConfigError before anything has started."""
    settings = invocation.load()
    server = settings.server
    logs.configure(server.log_level, server.log_format, access_log=server.access_log)
    _allow_many_connections()
    listener = _listen(server.host, server.port)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(invocation, settings, listener, log_in_link, on_ready))
    except KeyboardInterrupt:
        pass  # Ctrl-C; everything was closed on the way out
    finally:
        listener.close()
    return 0


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who may come in, and the ways to show it."""

    users: Users
    credentials: Credentials
    sessions: Sessions
    links: login.LoginLinks
    shares: Shares
    guest_cookie: GuestCookie
    clock: Clock


def accounts(settings: Settings, clock: Clock) -> Accounts:
    """Open the data folder's accounts; blocks."""
    extra = settings.stream_login
    data = settings.server.data
    users = Users(data, extra=(extra.username, extra.password) if extra else None)
    secret = load_secret(data)
    sessions = Sessions(users, secret, clock, days=settings.server.session_days)
    shares = Shares(data, clock)
    links = login.LoginLinks(clock)
    return Accounts(
        users, Credentials(users, clock), sessions, links, shares, GuestCookie(shares, secret, clock), clock
    )


def build(
    hub: Hub,
    archive: Archive,
    who: Accounts,
    options: WebOptions,
    ready: Callable[[], bool],
    running: Running | None = None,
    jobs: Jobs | None = None,
    logs: CameraLogs | None = None,
    search: Search | None = None,
    book: Book | None = None,
    keep_view: views.KeepView | None = None,
) -> ASGIApp:
    """The whole application behind its gate."""
    rendered = Pages()
    logs = logs or CameraLogs(archive.database, archive.options.keep_events, who.clock)

    def exists(kind: Kind, name: str) -> bool:
        return name in (hub.cameras if kind == "camera" else archive.albums)

    def receives(name: str) -> bool:
        return isinstance(hub.camera(name).device, Receiving)

    def is_guest(scope: Scope) -> bool:
        visitor = visitor_of(scope)
        return visitor is None or guests.is_guest(visitor)

    app = FastAPI(
        title="Onlooker", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json"
    )
    problems.install(app)
    for routes in (
        cameras.router(hub),
        views.router(hub, keep_view),
        devices.router(hub, archive, jobs or Jobs(), who.clock),
        discovery.router(search or Search(tuple), book or CameraBook(Invocation()), hub, who.clock),
        mjpeg.router(hub),
        still.router(hub),
        events.router(archive),
        camera_events.router(logs),
        camera_events_api.router(logs),
        latest.router(archive),
        pictures.router(archive, is_guest),
        album_zip.router(archive, is_guest),
        albums.router(archive, who.clock),
        photos.router(archive),
        uploads.router(archive, Uploads(archive, who.clock)),
        compat.router(hub),
        compat_osc.router(hub),
        compat.phones(archive),
        login.router(rendered, who.credentials, who.sessions, who.links),
        sharing.router(rendered, who.shares, who.guest_cookie, who.credentials, who.clock),
        shares_api.router(who.shares, exists, who.clock.now, receives),
        push.router(hub, who.clock),
        broadcasting.router(hub, rendered, who.clock),
        health.router(ready),
        metrics.router(hub, archive, logs),
        docs.router(app, rendered),
        pages.router(hub, rendered),
        add_pages.router(rendered),
        album_pages.router(archive, rendered),
        show_pages.router(archive, rendered),
    ):
        app.include_router(routes)
    app.mount("/static", rendered.static_files())
    return Gate(
        app,
        users=who.users,
        credentials=who.credentials,
        sessions=who.sessions,
        shares=who.shares,
        guest_cookie=who.guest_cookie,
        pages=rendered,
        options=options,
        public_albums=archive.public_albums,
        running=running,
    )


async def _serve(
    invocation: Invocation, settings: Settings, listener: socket.socket, log_in_link: bool, on_ready: OnReady | None
) -> None:
    clock = SystemClock()
    who = await asyncio.to_thread(accounts, settings, clock)
    password = await asyncio.to_thread(who.users.ensure_admin)
    hub = Hub(clock)
    book = CameraBook(invocation)
    server = settings.server
    async with (
        opened(settings.archive.options(server.data), clock, server.root_path) as archive,
        following(archive, clock) as logs,
    ):

        async def apply(new: Settings) -> None:
            book.follow(new.cameras)
            await hub.apply([camera.plan() for camera in new.cameras])
            await logs.apply(hub.cameras)
            await archive.apply(new.album_plans())

        async def keep_view(name: str, projection: Projection | None, heading: float, pitch: float) -> None:
            await asyncio.to_thread(viewing.keep_view, invocation.path, name, projection, heading, pitch)
            camera = hub.camera(name)  # at once, not only when the file is seen to have changed
            await camera.change(replace(camera.plan, projection=projection, heading=heading, pitch=pitch))

        async def let_viewers_go() -> None:
            await jobs.close()
            await asyncio.gather(hub.close(), archive.let_viewers_go(), logs.let_viewers_go())

        def on_started() -> None:
            ready = _addresses(settings, listener, who, password, log_in_link)
            log.info("listening", extra={"url": ready.url})
            if on_ready is not None:
                on_ready(ready)

        web_options = WebOptions(server.root_path, server.trusted_proxies, server.session_days)
        running = Running(who.users, who.shares, archive.public_albums)
        jobs = Jobs()
        identity = secrets.token_hex(8)
        search = Search(partial(every_way, clock, only=server.discover_on, own_id=identity))
        app = build(
            hub,
            archive,
            who,
            web_options,
            lambda: serving.started,
            running,
            jobs,
            logs,
            search,
            book,
            keep_view=keep_view,
        )
        serving = _Server(_uvicorn(app, server), let_viewers_go, on_started)
        await apply(settings)
        tasks = [
            asyncio.create_task(watch(invocation, apply, settings), name="watch configuration"),
            asyncio.create_task(running.keep_reviewing(clock), name="review streams"),
            asyncio.create_task(Noticer(hub, logs, clock).run(), name="notice what happens"),
        ]
        if server.announce and (announcement := _announcement(server, listener, identity)) is not None:
            tasks.append(asyncio.create_task(announce(announcement), name="announce"))
        try:
            await serving.serve(sockets=[listener])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, search.close(), return_exceptions=True)
            await jobs.close()
            await hub.close()
    log.info("stopped")


def _announcement(server: ServerSettings, listener: socket.socket, identity: str) -> Announcement | None:
    """None where only this machine reaches the hub, and so nobody else is to be told of it."""
    host, port = listener.getsockname()[:2]
    only = server.discover_on or (() if host in EVERY_ADDRESS else (host,))
    if not server.discover_on and host not in EVERY_ADDRESS and ip_address(host.partition("%")[0]).is_loopback:
        return None
    return Announcement(identity, port, server.root_path, server.tls_certificate is not None, own_addresses(only))


def _uvicorn(app: ASGIApp, server: ServerSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=TakeoverProtocol,
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,  # pictures are compressed already
        lifespan="off",
        log_config=None,
        access_log=server.access_log,
        proxy_headers=False,
        server_header=False,
        ssl_certfile=server.tls_certificate,
        ssl_keyfile=server.tls_key,
        timeout_graceful_shutdown=GRACE,
        backlog=4096,
    )


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it listens, and lets go of viewers before it waits for its own connections."""

    def __init__(
        self, config: uvicorn.Config, let_viewers_go: Callable[[], Awaitable[None]], on_started: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._let_viewers_go = let_viewers_go
        self._on_started = on_started

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Unlike uvicorn's own, this does not raise the signal again at the end: we stopped cleanly, so with status 0.
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._let_viewers_go()
        await super().shutdown(sockets)


def _addresses(
    settings: Settings, listener: socket.socket, who: Accounts, password: str | None, log_in_link: bool
) -> Ready:
    server = settings.server
    host, port = listener.getsockname()[:2]
    reached = addresses(host, port, tls=server.tls_certificate is not None, prefix=server.root_path)
    names = who.users.names()
    return Ready(
        url=reached.here,
        lan_urls=reached.lan,
        admin_password=password,
        login_token=who.links.make(names[0]) if log_in_link and names else None,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(f"Port {port} is taken by another program. Choose another with --port.") from None
        raise ConfigError(f"Cannot listen on {host} port {port}: {error.strerror}.") from None
    listener.setblocking(False)
    return listener


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one; elsewhere (Windows) asyncio's own loop."""
    uvloop = _uvloop()
    return uvloop.new_event_loop if uvloop is not None else None


def _uvloop() -> ModuleType | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop


def _allow_many_connections() -> None:
    """Raise the limit on open files as far as the system lets us: a viewer is a file."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else hard
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError) as error:
        log.warning("the limit on open files stays as it is: %s", error)
