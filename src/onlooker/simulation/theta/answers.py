"""A simulated camera's answers to requests: OSC's addresses, its files, its live picture. Everybody is let in here."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from onlooker.clock import Clock
from onlooker.simulation.theta import commands, protocol
from onlooker.simulation.theta.camera import Camera
from onlooker.simulation.theta.commands import Live, Picture
from onlooker.simulation.theta.counters import Counters
from onlooker.simulation.theta.faults import Fault
from onlooker.simulation.theta.preview import CONTENT_TYPE, Cut, Preview
from onlooker.simulation.theta.protocol import Code, OscError

_THROTTLE = 1  # seconds between two questions for updates
_LONGEST_WAIT = 60
_FOREIGN = "192.168.1.1"
_METHODS = {
    "/osc/info": "GET",
    "/osc/state": "POST",
    "/osc/checkForUpdates": "POST",
    "/osc/commands/execute": "POST",
    "/osc/commands/status": "POST",
}


class _Unframed(web.StreamResponse):
    """Its body ends with the connection."""

    _length_check = False


class Answers:
    """Of one camera."""

    def __init__(self, camera: Camera, counters: Counters, clock: Clock) -> None:
        self._camera = camera
        self._faults = camera.faults
        self._counters = counters
        self._clock = clock
        self._asked_at = float("-inf")

    async def to(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to whatever is asked."""
        try:
            return await self._route(request)
        except OscError as error:
            return self._failed("", error)

    async def _route(self, request: web.BaseRequest) -> web.StreamResponse:
        method = _METHODS.get(request.path)
        if method is None:
            return await self._file(request)
        if request.method != method:
            return web.Response(status=405, headers={"Allow": method})
        if request.path == "/osc/info":
            port = _here(request)[1]
            return self._json({**self._camera.info(), "endpoints": {"httpPort": port, "httpUpdatesPort": port}})
        data = await _body(request)
        if request.path == "/osc/state":
            return self._json(self._camera.state(self._files(request)))
        if request.path == "/osc/checkForUpdates":
            return await self._updates(protocol.body(request.headers.get("Content-Type", ""), data))
        if request.path == "/osc/commands/status":
            return self._status(request, protocol.body(request.headers.get("Content-Type", ""), data))
        return await self._execute(request, data)

    async def _updates(self, said: dict[str, Any]) -> web.Response:
        protocol.Shape({"stateFingerprint": protocol.is_text}, {"waitTimeout": protocol.is_count}).check(said)
        now = self._clock.monotonic()
        self._counters.hasty += now - self._asked_at < _THROTTLE
        self._asked_at = now
        patience = min(said.get("waitTimeout", 0), _LONGEST_WAIT)
        fingerprint = await self._camera.changed(said["stateFingerprint"], patience)
        return self._json({"stateFingerprint": fingerprint, "throttleTimeout": _THROTTLE})

    def _status(self, request: web.BaseRequest, said: dict[str, Any]) -> web.Response:
        protocol.Shape({"id": protocol.is_text}, {}).check(said)
        name = self._camera.operation(said["id"]).name
        try:
            return self._json(commands.status(self._camera, said["id"], self._files(request)))
        except OscError as error:
            return self._failed(name, error)

    async def _execute(self, request: web.BaseRequest, data: bytes) -> web.StreamResponse:
        name, parameters = protocol.command(request.headers.get("Content-Type", ""), data)
        self._counters.commands[name] += 1
        if self._faults.strikes(Fault.FORBIDDEN, name):
            return web.Response(status=403, text="Forbidden")
        try:
            self._refuse(name)
            answer = await commands.execute(self._camera, name, parameters, self._files(request))
        except OscError as error:
            return self._failed(name, error)
        if isinstance(answer, Live):
            return await self._show(request, answer)
        if isinstance(answer, Picture):
            return web.Response(body=answer.data, content_type="image/jpeg")
        if "state" in answer:
            return self._json(answer)
        return self._json({"name": name, "state": "done", **({"results": answer} if answer else {})})

    def _refuse(self, name: str) -> None:
        if self._faults.strikes(Fault.UNAVAILABLE, name):
            raise OscError(Code.UNAVAILABLE, "The camera is busy.")
        if self._faults.strikes(Fault.DISABLED, name):
            raise OscError(Code.DISABLED, "The camera cannot do this now.")

    async def _show(self, request: web.BaseRequest, live: Live) -> web.StreamResponse:
        """The live picture, until it ends for one side or the other."""
        response = _Unframed() if self._faults.on(Fault.UNCHUNKED) else web.StreamResponse()
        response.headers.update({"Content-Type": CONTENT_TYPE, "X-Content-Type-Options": "nosniff"})
        if isinstance(response, _Unframed):
            response.force_close()
        else:
            response.enable_chunked_encoding()
        self._counters.preview_begins()
        feeding = asyncio.create_task(self._feed(request, response, live), name="preview")
        end = feeding.cancel
        self._camera.begin_preview(end)
        try:
            await asyncio.wait([feeding])
        finally:
            self._counters.previews_open -= 1
            self._camera.preview_over(end)
            feeding.cancel()
            [how] = await asyncio.gather(feeding, return_exceptions=True)
        if isinstance(how, Cut) and request.transport is not None:
            request.transport.abort()
        elif isinstance(how, Exception) and not isinstance(how, ConnectionError):
            raise how
        return response

    async def _feed(self, request: web.BaseRequest, response: web.StreamResponse, live: Live) -> None:
        await response.prepare(request)
        preview = Preview(live.format, self._camera.nature.heading, self._faults, self._counters, self._clock)
        await preview.run(response.write)

    async def _file(self, request: web.BaseRequest) -> web.Response:
        path = unquote(request.path)
        stored = self._camera.card.find(path.removeprefix("/files/")) if path.startswith("/files/") else None
        if stored is None or self._camera.level == 1:
            raise OscError(Code.NOT_FOUND, "There is no such address.")
        if request.method != "GET":
            return web.Response(status=405, headers={"Allow": "GET"})
        small = request.query.get("type") == "thumb"
        card = self._camera.card
        return web.Response(
            body=await (card.thumbnail(stored) if small else card.content(stored)), content_type="image/jpeg"
        )

    def _files(self, request: web.BaseRequest) -> str:
        """The address of the card as who asks knows it."""
        if self._faults.on(Fault.FOREIGN):
            return f"http://{_FOREIGN}/files/"
        host, port = _here(request)
        return f"http://[{host}]:{port}/files/" if ":" in host else f"http://{host}:{port}/files/"

    def _failed(self, name: str, error: OscError) -> web.Response:
        told = {**({"name": name} if name else {}), "state": "error", "error": error.as_json()}
        return self._json(told, 200 if self._faults.on(Fault.OK_ERRORS) else error.status)

    def _json(self, told: dict[str, Any], status: int = 200) -> web.Response:
        headers = {"Content-Type": protocol.CONTENT_TYPE, "X-Content-Type-Options": "nosniff"}
        return web.Response(status=status, body=json.dumps(told).encode(), headers=headers)


def _here(request: web.BaseRequest) -> tuple[str, int]:
    """The address that was connected to."""
    socket = request.transport.get_extra_info("sockname") if request.transport else None
    host, port = socket[:2] if socket else ("127.0.0.1", 80)
    return host, port


async def _body(request: web.BaseRequest) -> bytes:
    if (request.content_length or 0) > protocol.MAX_BODY:
        raise OscError(Code.TOO_MANY, "The body is too long.")
    data = await request.content.read(protocol.MAX_BODY + 1)
    while not request.content.at_eof() and len(data) <= protocol.MAX_BODY:
        data += await request.content.read(protocol.MAX_BODY + 1 - len(data))
    if len(data) > protocol.MAX_BODY:
        raise OscError(Code.TOO_MANY, "The body is too long.")
    return data
