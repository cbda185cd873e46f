"""The page that makes a phone a live camera, and the socket it sends its pictures through (docs/broadcast.md)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from enum import IntEnum

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from onlooker.clock import Clock
from onlooker.errors import CannotDo, MalformedInput, OnlookerError, UnknownCamera
from onlooker.formats import broadcast
from onlooker.formats.broadcast import Codec, Shot
from onlooker.live.hub import Hub
from onlooker.media import Frame, Sample, VideoFormat
from onlooker.web.guests import is_guest, may_send
from onlooker.web.senders import Ending, Sender, receiving_camera
from onlooker.web.templating import Pages
from onlooker.web.throttle import Throttle
from onlooker.web.visitor import visitor_of

log = logging.getLogger(__name__)

MOST_A_SECOND = 60  # pictures
SILENCE = 30.0  # seconds without a message until a page counts as gone
MODULES = ("page", "lens", "show-awake", "broadcast-link", "broadcast-coder", "broadcast-pace")


class Close(IntEnum):
    """Why the hub closes the socket."""

    REPLACED = 4000
    WITHDRAWN = 4001
    MALFORMED = 4002
    TOO_FAST = 4003
    NO_CAMERA = 4004
    SILENT = 4008


_ENDINGS = {Ending.REPLACED: Close.REPLACED, Ending.WITHDRAWN: Close.WITHDRAWN, Ending.OVER: Close.SILENT}


def router(hub: Hub, pages: Pages, clock: Clock) -> APIRouter:
    """`/cameras/{name}/broadcast` and its socket."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/cameras/{name}/broadcast", methods=["GET", "HEAD"])
    async def page(request: Request, name: str) -> Response:
        visitor = visitor_of(request.scope)
        try:
            camera = receiving_camera(hub, name)
        except (UnknownCamera, CannotDo):
            return pages.render(request, "unknown.html", status_code=404, name=name)
        return pages.render(
            request, "broadcast.html", camera=camera.status(), guest=is_guest(visitor), visitor=visitor, modules=MODULES
        )

    @routes.websocket("/cameras/{name}/broadcast/socket")
    async def socket(websocket: WebSocket, name: str) -> None:
        if not may_send(visitor_of(websocket.scope), name):  # the gate has seen to that, and this is the second lock
            await websocket.close()
            return
        await websocket.accept()
        try:
            camera = receiving_camera(hub, name)
        except OnlookerError as error:
            await websocket.close(Close.NO_CAMERA, str(error)[:120])
            return
        await Broadcast(websocket, Sender(camera, websocket.scope), clock).run()

    return routes


class _Unfit(Exception):
    """The page sends what it must not; the socket is closed with this code."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Broadcast:
    """One page that sends: takes its messages, looks through each, acknowledges it, asks for key pictures."""

    def __init__(self, websocket: WebSocket, sender: Sender, clock: Clock) -> None:
        self._websocket = websocket
        self._sender = sender
        self._clock = clock
        self._allowed = Throttle(clock, burst=MOST_A_SECOND, interval=1 / MOST_A_SECOND, keys=1)
        self._codec: Codec | None = None
        self._format: VideoFormat | None = None  # of the newest key picture
        self._needs_key = False
        self._dropped = 0

    async def run(self) -> None:
        """Until either side ends it; the socket is closed then."""
        code: int = 1000
        reason = ""
        try:
            ending = await self._sender.run(self._read())
            code = _ENDINGS.get(ending, code)
        except _Unfit as error:
            code, reason = error.code, str(error)
            log.info("a page that sends was cut off", extra={"camera": self._sender.camera.name, "reason": reason})
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect, OSError):  # it went first
                await self._websocket.close(code, reason[:120])

    async def _read(self) -> None:
        while (message := await self._message()) is not None:
            if self._allowed.take(""):
                raise _Unfit(Close.TOO_FAST, f"More than {MOST_A_SECOND} pictures a second.")
            try:
                shot = broadcast.parsed(message)
            except MalformedInput as error:
                raise _Unfit(Close.MALFORMED, str(error)) from None
            self._show(shot)
            viewers = self._sender.camera.status().viewers
            ack: dict[str, object] = {"type": "ack", "sequence": shot.sequence, "viewers": viewers}
            if self._needs_key:
                ack["key"] = True
            await self._websocket.send_json(ack)

    async def _message(self) -> bytes | None:
        """The next message; None once the page has gone."""
        try:
            async with asyncio.timeout(SILENCE):
                message = await self._websocket.receive()
        except TimeoutError:
            raise _Unfit(Close.SILENT, f"Nothing came for {SILENCE:g} seconds.") from None
        if message["type"] == "websocket.disconnect":
            return None
        data = message.get("bytes")
        if data is None:
            raise _Unfit(Close.MALFORMED, "Only binary messages are taken.")
        return bytes(data)

    def _show(self, shot: Shot) -> None:
        captured = self._clock.now()
        if shot.codec is not (self._codec or shot.codec):
            raise _Unfit(Close.MALFORMED, "One connection has one codec.")
        self._codec = shot.codec
        if shot.codec is Codec.JPEG:
            self._sender.put(Frame(shot.data, captured))
            return
        if shot.key:
            if self._format is None or (self._format.width, self._format.height) != (shot.width, shot.height):
                self._format = VideoFormat("h264", shot.width, shot.height)
            self._needs_key = False
        elif self._format is None:
            self._needs_key = True
        if self._format is None:
            return
        self._sender.put(Sample(shot.data, shot.key, shot.timestamp, captured, self._format))
        delivery = self._sender.delivery
        if delivery is not None and delivery.dropped != self._dropped:
            self._dropped = delivery.dropped
            self._needs_key = True
