"""One OSC camera and its commands, whichever API level it speaks: sessions, waiting for what takes long, live view.

At level 1 each command belongs to a session, of which there is one at a time. Theta S and SC speak both levels, start
with 1, and fall back to it whenever their network drops: they are switched to 2 at every connection, and once more when
they answer as if they had fallen back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from onlooker.clock import Clock
from onlooker.devices import Progress
from onlooker.errors import DeviceAway, DeviceError, DeviceRefused
from onlooker.formats import osc
from onlooker.readers import osc_errors
from onlooker.readers.osc_wire import EXECUTE, Body, OscWire

log = logging.getLogger(__name__)

SETTLE = 1.2
"""Seconds that a camera is left alone after a change before it shows or takes pictures: it wants at least one."""

_POLL = 1.0  # seconds from one question to the next while it works
_LONGEST = 300.0  # seconds for one picture: bracketing and a self-timer included
_SILENCE = 30.0  # seconds without an answer while it works: some do not listen while they stitch
_SESSION_RESERVE = 0.5  # the share of a session's time after which it is renewed before it is used
_GOODBYE = 1.0  # seconds for the end of a session: it ends by itself, too
_FELL_BACK = frozenset((osc_errors.UNKNOWN_COMMAND, osc_errors.SESSION_OVER, "missingParameter", "notFound"))

Result = TypeVar("Result")


@dataclass(slots=True)
class Link:
    """How to talk to the camera since it was found. `session` is "" at level 2."""

    info: osc.Info
    level: int
    session: str = ""
    timeout: float = 0.0  # of the session, in seconds; 0: it has none
    used: float = 0.0  # monotonic
    switched: bool = False  # to level 2; it may fall back

    @property
    def dress(self) -> dict[str, Any]:
        """The parameters that every command in a session has."""
        return {"sessionId": self.session} if self.session else {}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for where the answer is no JSON."""

    method: str
    path: str
    said: Mapping[str, Any] | None = None

    @classmethod
    def command(cls, name: str, parameters: Mapping[str, Any]) -> Question:
        """A command by its name."""
        return cls("POST", EXECUTE, {"name": name, "parameters": dict(parameters)})


class OscCamera:
    """The commands of one camera. `level` 0: the highest that it speaks."""

    def __init__(self, wire: OscWire, clock: Clock, *, level: int = 0) -> None:
        self.wire = wire
        self.name = wire.name
        self._clock = clock
        self._level = level
        self._link: Link | None = None
        self._linking = asyncio.Lock()
        self._settled = 0.0

    async def info(self) -> dict[str, Any]:
        """`/osc/info` as it is."""
        return await self.wire.get("/osc/info")

    async def state(self) -> dict[str, Any]:
        """`/osc/state` as it is."""
        return await self.wire.post("/osc/state")

    async def link(self) -> Link:
        """Which camera it is and how to talk to it; found out when it is not known."""
        async with self._linking:
            if self._link is None:
                self._link = await self._found()
            return self._link

    def forget(self) -> None:
        """It may be another camera, or have started anew: find out again before the next command."""
        self._link = None

    async def close(self) -> None:
        """End the session, where there is one, and let go of every connection."""
        link, self._link = self._link, None
        try:
            if link is not None and link.session:
                async with asyncio.timeout(_GOODBYE):
                    await self.wire.execute("camera.closeSession", {"sessionId": link.session})
        except (DeviceError, TimeoutError) as error:
            log.debug("session is not closed: %s", error)
        finally:
            await self.wire.close()

    # Commands

    async def command(self, name: str, parameters: Mapping[str, Any] | None = None) -> osc.Execution:
        """Have a command begun, or done, that both levels call alike."""
        return await self.leveled(lambda link: self.wire.execute(name, {**link.dress, **(parameters or {})}))

    async def finished(self, execution: osc.Execution, progress: Progress) -> osc.Execution:
        """Ask gently until a command is done; tell how far it is."""
        began = heard = self._clock.monotonic()
        command = execution.id
        while execution.state is osc.Progress.GOING_ON:
            if not command:
                raise DeviceError(f"{self.name} has begun, but does not say how to ask for the rest.")
            progress(execution.completion)
            await self._clock.sleep(_POLL)
            now = self._clock.monotonic()
            if now - began > _LONGEST:
                raise DeviceError(f"{self.name} has not finished within {_LONGEST / 60:g} minutes.")
            try:
                execution = await self.wire.status(command)
                heard = self._clock.monotonic()
            except DeviceError as error:
                # Not listening, or too busy to: the picture may still be made.
                if not _momentary(error) or now - heard > _SILENCE:
                    raise
        return execution

    async def leveled(self, once: Callable[[Link], Awaitable[Result]]) -> Result:
        """Do what depends on the camera's level; once more if the session was over, or it had fallen back."""
        link = await self.link()
        try:
            return await once(await self._kept(link))
        except DeviceAway:
            self._lose(link)
            raise
        except DeviceError as error:
            if not (error.code == osc_errors.SESSION_OVER or (link.switched and error.code in _FELL_BACK)):
                raise
        self._lose(link)
        return await once(await self.link())

    async def get_options(self, names: list[str]) -> dict[str, Any]:
        """Some options by name; UnfitOption where it does not know one of them."""
        execution = await self.command("camera.getOptions", {"optionNames": names})
        return osc.options(execution.results)

    async def set_options(self, values: Mapping[str, Any]) -> None:
        """Change options; it is left alone afterwards for as long as it needs."""
        try:
            await self.command("camera.setOptions", {"options": dict(values)})
        finally:
            self.touched()

    async def take_picture(self, progress: Progress) -> str:
        """Take one; where it is then (a URL, at level 1 a path)."""
        await self.settle()
        before = await self._latest()
        execution = await self.command("camera.takePicture")
        try:
            done = await self.finished(execution, progress)
        finally:
            self.touched()
        progress(1.0)
        where = osc.stored_at(done.results)
        if where:
            return where
        latest = await self._latest()
        if latest and latest != before:
            return latest
        raise DeviceError(f"{self.name} has taken the picture, but does not say where it is.")

    @asynccontextmanager
    async def body(self, question: Callable[[Link], Question]) -> AsyncIterator[Body]:
        """An answer that is no JSON, to a question that depends on the camera's level."""
        async with AsyncExitStack() as stack:

            async def once(link: Link) -> Body:
                asked = question(link)
                return await stack.enter_async_context(self.wire.body(asked.method, asked.path, asked.said))

            yield await self.leveled(once)

    @asynccontextmanager
    async def preview(self) -> AsyncIterator[Body]:
        """Its live view, as it comes over the wire."""
        await self.settle()
        names = {1: "camera._getLivePreview", 2: "camera.getLivePreview"}
        async with self.body(lambda link: Question.command(names[link.level], link.dress)) as body:
            yield body

    # Being left alone

    def touched(self) -> None:
        """Something has just been changed."""
        self._settled = self._clock.monotonic() + SETTLE

    async def settle(self) -> None:
        """Wait until it has been left alone for long enough."""
        while (left := self._settled - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)

    # Levels and sessions

    async def _found(self) -> Link:
        info = osc.info(await self.info())
        if self._level and self._level not in info.levels:
            levels = " and ".join(map(str, info.levels))
            raise DeviceRefused(
                f"{self.name} speaks API level {levels}, not {self._level}. Remove the option “level” of this camera."
            )
        wanted = self._level or max(info.levels)
        if wanted == 2:
            if 1 not in info.levels:
                return Link(info, 2)
            if osc.camera_state(await self.state()).level == 2:
                return Link(info, 2, switched=True)
        link = await self._with_session(Link(info, 1))
        return await self._switched(link) if wanted == 2 else link

    async def _with_session(self, link: Link) -> Link:
        results = (await self.wire.execute("camera.startSession", {})).results
        link.session = osc.text(results.get("sessionId"))
        link.timeout = osc.number(results.get("timeout")) or 0.0
        link.used = self._clock.monotonic()
        if not link.session:
            raise DeviceError(f"{self.name} does not begin a session. Switch it off and on.")
        return link

    async def _switched(self, link: Link) -> Link:
        try:
            await self.wire.execute("camera.setOptions", {"sessionId": link.session, "options": {"clientVersion": 2}})
        except DeviceAway:
            raise
        except DeviceError as error:
            if self._level == 2:
                raise
            # Old firmware says that it speaks 2 and does not: level 1 does everything that we need.
            log.info("camera stays at API level 1: %s", error)
            return link
        finally:
            self.touched()
        return Link(link.info, 2, switched=True)

    def _lose(self, link: Link) -> None:
        if self._link is link:
            self._link = None

    async def _kept(self, link: Link) -> Link:
        """The link, its session renewed in time."""
        now = self._clock.monotonic()
        if link.session and link.timeout and now - link.used > link.timeout * _SESSION_RESERVE:
            await self.wire.execute("camera.updateSession", {"sessionId": link.session})
        link.used = now
        return link

    async def _latest(self) -> str:
        return osc.camera_state(await self.state()).latest


def _momentary(error: DeviceError) -> bool:
    return isinstance(error, DeviceAway) or error.code in ("serviceUnavailable", "unexpected", "503")
