"""A simulated Theta on a port: requests in, answers out, the password and the faults between them.

`POST /_simulator` is no part of OSC: from the same machine it turns faults on and off while the camera runs.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from aiohttp import web

from onlooker.clock import Clock, SystemClock
from onlooker.errors import OnlookerError
from onlooker.simulation.theta import commands, protocol
from onlooker.simulation.theta.camera import Camera, Nature
from onlooker.simulation.theta.commands import Live, Picture
from onlooker.simulation.theta.control import Control
from onlooker.simulation.theta.digest import MANY_USES, Guard
from onlooker.simulation.theta.faults import Fault, Faults, Wanted
from onlooker.simulation.theta.models import TRAITS, Model
from onlooker.simulation.theta.preview import CONTENT_TYPE, Cut, Preview
from onlooker.simulation.theta.protocol import Code, OscError

_THROTTLE = 1  # seconds between two questions for updates
_LONGEST_WAIT = 60
_CLOSING = 0.2  # seconds for answers that are under way at the end
_FOREIGN = "192.168.1.1"
_METHODS = {
    "/osc/info": "GET",
    "/osc/state": "POST",
    "/osc/checkForUpdates": "POST",
    "/osc/commands/execute": "POST",
    "/osc/commands/status": "POST",
}


@dataclass(frozen=True, slots=True)
class Login:
    """Who is let in, in client mode."""

    username: str
    password: str = field(repr=False)


@dataclass(slots=True)
class Counters:
    """What was asked of the camera. `hasty` are questions that came sooner than the camera wants them."""

    requests: int = 0
    commands: Counter[str] = field(default_factory=Counter)
    previews: int = 0
    previews_open: int = 0
    previews_at_most: int = 0
    pictures: int = 0
    passwords_right: int = 0
    passwords_wrong: int = 0
    challenges: int = 0
    hasty: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            name: dict(value) if isinstance(value, Counter) else value
            for name in self.__slots__
            for value in [getattr(self, name)]
        }


class _Unframed(web.StreamResponse):
    """Its body ends with the connection."""

    _length_check = False


class Theta:
    """One simulated camera; made by `simulated`."""

    def __init__(self, model: Model, *, clock: Clock, login: Login | None, nature: Nature) -> None:
        traits = TRAITS[model]
        self.model = model
        self.faults = Faults(clock)
        self.camera = Camera(traits, clock, self.faults, nature)
        self.counters = Counters()
        self.host, self.port = "127.0.0.1", 0
        self._clock = clock
        self._login = login
        self._guard = Guard(traits.name, login.username, login.password) if login else None
        self._control = Control(self)
        self._asked_at = float("-inf")
        self._http = web.Server(self._answer, handler_cancellation=True, access_log=None)
        self._listening: asyncio.Server | None = None
        self._dozing: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Its address for a configuration, with the password if it has one."""
        who = f"{quote(self._login.username, safe='')}:{quote(self._login.password, safe='')}@" if self._login else ""
        return f"osc://{who}{self.address}"

    @property
    def address(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def fault(
        self,
        fault: Fault | str,
        *,
        seconds: float | None = None,
        times: int | None = None,
        value: float | None = None,
        command: str = "",
    ) -> None:
        """Turn a fault on from now on: for `seconds`, for so many `times`, for one `command` only."""
        fault = Fault(fault)
        self.faults.begin(fault, seconds=seconds, times=times, value=value, command=command)
        if fault is Fault.NONCE and self._guard is not None:
            self._guard.forget()
        if fault is Fault.ASLEEP:
            self._fall_asleep()

    def clear(self, fault: Fault | str | None = None) -> None:
        """Turn one off, or all; a camera that slept listens again a moment later (`awake`)."""
        self.faults.end(None if fault is None else Fault(fault))

    async def awake(self) -> None:
        """Until it listens again."""
        if self._dozing is not None:
            await self._dozing

    def press(self) -> None:
        """Somebody presses its shutter."""
        self.camera.press()

    def lose_network(self) -> None:
        """Its network goes and comes back: every connection is cut, and an S is at level 1 again."""
        self.camera.lose_network()
        self._cut_all()

    async def open(self, host: str, port: int) -> None:
        """Listen; OnlookerError if that cannot be."""
        await self.camera.open()
        self.host = host
        try:
            await self._listen(port)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise OnlookerError(f"The camera cannot listen on {host} port {port}: {reason}.") from None

    async def close(self) -> None:
        """Cut what is still connected and listen no more."""
        self.faults.end()
        if self._dozing is not None:
            self._dozing.cancel()
            await asyncio.gather(self._dozing, return_exceptions=True)
        if self._listening is not None:
            self._listening.close()
        await self.camera.close()
        await self._http.shutdown(_CLOSING)
        if self._listening is not None:
            await self._listening.wait_closed()

    async def _listen(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(self._http, self.host, port, backlog=1024)
        self.port = self._listening.sockets[0].getsockname()[1]

    def _fall_asleep(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        self._cut_all()
        if self._dozing is None or self._dozing.done():
            self._dozing = asyncio.create_task(self._doze(), name="doze")

    async def _doze(self) -> None:
        await self.faults.over(Fault.ASLEEP)
        await self._listen(self.port)

    def _cut_all(self) -> None:
        for connection in self._http.connections:
            if connection.transport is not None:
                connection.transport.abort()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/_simulator":
            return await self._control.answer(request)
        self.counters.requests += 1
        await self.faults.over(Fault.HUNG)
        if slow := self.faults.on(Fault.SLOW):
            await self._clock.sleep(slow.value)
        try:
            if not self._let_in(request):
                return self._challenge()
            return await self._route(request)
        except OscError as error:
            return self._failed("", error)

    def _let_in(self, request: web.BaseRequest) -> bool:
        said = request.headers.get("Authorization", "")
        if self._guard is None:
            return True
        expiring = self.faults.on(Fault.NONCE)
        self._guard.uses = max(1, int(expiring.value)) if expiring else MANY_USES
        if not said:
            return False
        right = self._guard.right(request.method, request.raw_path, said)
        self.counters.passwords_right += right
        self.counters.passwords_wrong += not right
        return right and self._guard.fresh(said)

    def _challenge(self) -> web.Response:
        assert self._guard is not None
        self.counters.challenges += 1
        return web.Response(status=401, headers={"WWW-Authenticate": self._guard.challenge()})

    async def _route(self, request: web.BaseRequest) -> web.StreamResponse:
        method = _METHODS.get(request.path)
        if method is None:
            return await self._file(request)
        if request.method != method:
            return web.Response(status=405, headers={"Allow": method})
        if request.path == "/osc/info":
            return self._json(
                {**self.camera.info(), "endpoints": {"httpPort": self.port, "httpUpdatesPort": self.port}}
            )
        data = await _body(request)
        if request.path == "/osc/state":
            return self._json(self.camera.state(self._files(request)))
        if request.path == "/osc/checkForUpdates":
            return await self._updates(protocol.body(request.headers.get("Content-Type", ""), data))
        if request.path == "/osc/commands/status":
            return self._status(request, protocol.body(request.headers.get("Content-Type", ""), data))
        return await self._execute(request, data)

    async def _updates(self, said: dict[str, Any]) -> web.Response:
        protocol.Shape({"stateFingerprint": protocol.is_text}, {"waitTimeout": protocol.is_count}).check(said)
        now = self._clock.monotonic()
        self.counters.hasty += now - self._asked_at < _THROTTLE
        self._asked_at = now
        patience = min(said.get("waitTimeout", 0), _LONGEST_WAIT)
        fingerprint = await self.camera.changed(said["stateFingerprint"], patience)
        return self._json({"stateFingerprint": fingerprint, "throttleTimeout": _THROTTLE})

    def _status(self, request: web.BaseRequest, said: dict[str, Any]) -> web.Response:
        protocol.Shape({"id": protocol.is_text}, {}).check(said)
        name = self.camera.operation(said["id"]).name
        try:
            return self._json(commands.status(self.camera, said["id"], self._files(request)))
        except OscError as error:
            return self._failed(name, error)

    async def _execute(self, request: web.BaseRequest, data: bytes) -> web.StreamResponse:
        name, parameters = protocol.command(request.headers.get("Content-Type", ""), data)
        self.counters.commands[name] += 1
        if self.faults.strikes(Fault.FORBIDDEN, name):
            return web.Response(status=403, text="Forbidden")
        try:
            self._refuse(name)
            answer = await commands.execute(self.camera, name, parameters, self._files(request))
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
        if self.faults.strikes(Fault.UNAVAILABLE, name):
            raise OscError(Code.UNAVAILABLE, "The camera is busy.")
        if self.faults.strikes(Fault.DISABLED, name):
            raise OscError(Code.DISABLED, "The camera cannot do this now.")

    async def _show(self, request: web.BaseRequest, live: Live) -> web.StreamResponse:
        """The live picture, until it ends for one side or the other."""
        preview = Preview(live.format, self.camera.nature.heading, self.faults, self._clock)
        unframed = self.faults.on(Fault.UNCHUNKED) is not None
        response = _Unframed() if unframed else web.StreamResponse()
        response.headers.update({"Content-Type": CONTENT_TYPE, "X-Content-Type-Options": "nosniff"})
        if unframed:
            response.force_close()
        else:
            response.enable_chunked_encoding()
        counters = self.counters
        counters.previews += 1
        counters.previews_open += 1
        counters.previews_at_most = max(counters.previews_at_most, counters.previews_open)
        await response.prepare(request)
        feeding = asyncio.create_task(preview.run(response.write), name="preview")
        end = feeding.cancel
        self.camera.begin_preview(end)
        try:
            await asyncio.wait([feeding])
        finally:
            counters.previews_open -= 1
            counters.pictures += preview.sent
            self.camera.preview_over(end)
            feeding.cancel()
            [how] = await asyncio.gather(feeding, return_exceptions=True)
            if isinstance(how, Cut) and request.transport is not None:
                request.transport.abort()
        if isinstance(how, Exception) and not isinstance(how, Cut | ConnectionError):
            raise how
        return response

    async def _file(self, request: web.BaseRequest) -> web.Response:
        path = unquote(request.path)
        stored = self.camera.card.find(path.removeprefix("/files/")) if path.startswith("/files/") else None
        if stored is None or self.camera.level == 1:
            raise OscError(Code.NOT_FOUND, "There is no such address.")
        if request.method != "GET":
            return web.Response(status=405, headers={"Allow": "GET"})
        small = request.query.get("type") == "thumb"
        card = self.camera.card
        return web.Response(
            body=await (card.thumbnail(stored) if small else card.content(stored)), content_type="image/jpeg"
        )

    def _files(self, request: web.BaseRequest) -> str:
        """The address of the card as who asks knows it."""
        if self.faults.on(Fault.FOREIGN):
            return f"http://{_FOREIGN}/files/"
        socket = request.transport.get_extra_info("sockname") if request.transport else None
        host, port = socket[:2] if socket else (self.host, self.port)
        return f"http://[{host}]:{port}/files/" if ":" in host else f"http://{host}:{port}/files/"

    def _failed(self, name: str, error: OscError) -> web.Response:
        told = {**({"name": name} if name else {}), "state": "error", "error": error.as_json()}
        return self._json(told, 200 if self.faults.on(Fault.OK_ERRORS) else error.status)

    def _json(self, told: dict[str, Any], status: int = 200) -> web.Response:
        headers = {"Content-Type": protocol.CONTENT_TYPE, "X-Content-Type-Options": "nosniff"}
        return web.Response(status=status, body=json.dumps(told).encode(), headers=headers)


async def _body(request: web.BaseRequest) -> bytes:
    if (request.content_length or 0) > protocol.MAX_BODY:
        raise OscError(Code.TOO_MANY, "The body is too long.")
    data = await request.content.read(protocol.MAX_BODY + 1)
    while not request.content.at_eof() and len(data) <= protocol.MAX_BODY:
        data += await request.content.read(protocol.MAX_BODY + 1 - len(data))
    if len(data) > protocol.MAX_BODY:
        raise OscError(Code.TOO_MANY, "The body is too long.")
    return data


@asynccontextmanager
async def simulated(
    model: Model | str,
    faults: Iterable[Fault | str | Wanted] = (),
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    login: Login | None = None,
    nature: Nature | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Theta]:
    """A camera at `theta.address` and `theta.url` until the end of the block; any port unless one is given."""
    theta = Theta(Model(model), clock=clock or SystemClock(), login=login, nature=nature or Nature())
    try:
        await theta.open(host, port)
        for one in faults:
            asked = one if isinstance(one, Wanted) else Wanted(Fault(one))
            theta.fault(asked.fault, times=asked.times, value=asked.value)
        yield theta
    finally:
        await theta.close()
