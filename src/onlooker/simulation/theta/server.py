"""A simulated Theta on a port: it listens, sleeps, asks for the password and may be told what to do wrong.

`POST /_simulator` is no part of OSC: from the same machine it turns faults on and off while the camera runs.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import web

from onlooker.clock import Clock, SystemClock
from onlooker.errors import OnlookerError
from onlooker.simulation.theta.answers import Answers
from onlooker.simulation.theta.camera import Camera, Nature
from onlooker.simulation.theta.control import Control
from onlooker.simulation.theta.counters import Counters
from onlooker.simulation.theta.digest import MANY_USES, Guard
from onlooker.simulation.theta.faults import Fault, Faults, Wanted
from onlooker.simulation.theta.models import TRAITS, Model

_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
_CLOSING = 0.2  # seconds for answers that are under way at the end


@dataclass(frozen=True, slots=True)
class Login:
    """Who is let in, in client mode."""

    username: str
    password: str = field(repr=False)


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
        self._answers = Answers(self.camera, self.counters, clock)
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
        """Host and port, for somebody on this machine."""
        host = _HERE.get(self.host, self.host)
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

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
        self.host = host
        try:
            await self._listen(port)
        except OverflowError:
            raise OnlookerError(f"{port} is no port: give one from 0 to 65535.") from None
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise OnlookerError(f"The camera cannot listen on {host} port {port}: {reason}.") from None
        await self.camera.open()
        await self._serve()

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
        self._listening = await loop.create_server(self._http, self.host, port, backlog=1024, start_serving=False)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def _serve(self) -> None:
        if self._listening is not None:
            await self._listening.start_serving()

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
        await self._serve()

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
        return await self._answers.to(request) if self._let_in(request) else self._challenge()

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
