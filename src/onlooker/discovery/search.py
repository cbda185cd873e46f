"""One search at a time, by every way there is; what it has found so far can be read while it goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from onlooker.clock import Clock
from onlooker.discovery import mdns, usb, ws
from onlooker.discovery.found import Found, Report, Silent
from onlooker.discovery.interfaces import own_addresses

log = logging.getLogger(__name__)

SECONDS = 5.0
MOST_FOUND = 512
Way = Callable[[Report], Awaitable[None]]


def every_way(clock: Clock, seconds: float = SECONDS, *, only: Sequence[str] = (), own_id: str = "") -> list[Way]:
    """All there are; `only` limits them to the networks of these addresses of this computer."""

    async def onvif(report: Report) -> None:
        await ws.look(report, clock, await asyncio.to_thread(own_addresses, only), seconds)

    async def announced(report: Report) -> None:
        await mdns.look(report, clock, await asyncio.to_thread(own_addresses, only), seconds, own_id=own_id)

    return [usb.look, onvif, announced]


async def look(report: Report, ways: Sequence[Way]) -> list[str]:
    """Search by all ways at once; gives sentences about those that did not work."""
    results = await asyncio.gather(*(way(report) for way in ways), return_exceptions=True)
    said = []
    for result in results:
        if isinstance(result, Silent):
            said.append(str(result))
        elif isinstance(result, Exception):
            log.error("a search failed unexpectedly", exc_info=result)
            said.append("A part of the search failed; the hub's log says why.")
        elif isinstance(result, BaseException):
            raise result
    return said


@dataclass(frozen=True, slots=True)
class Searched:
    """How far a search is. `number` counts the searches; 0: there was none yet."""

    number: int = 0
    running: bool = False
    found: tuple[Found, ...] = ()
    problems: tuple[str, ...] = ()


class Search:
    """The hub's search; owns its task."""

    def __init__(self, ways: Callable[[], Sequence[Way]]) -> None:
        self._ways = ways
        self._task: asyncio.Task[None] | None = None
        self._state = Searched()

    @property
    def state(self) -> Searched:
        """What the running or the last search found."""
        return self._state

    def start(self) -> Searched:
        """Begin anew, unless one is running: whoever asks then shares that one."""
        if self._task is None or self._task.done():
            self._state = Searched(self._state.number + 1, running=True)
            self._task = asyncio.get_running_loop().create_task(self._run(), name="search for cameras")
        return self._state

    async def wait(self) -> Searched:
        """Until the running search is over."""
        if self._task is not None:
            await asyncio.wait({self._task})
        return self._state

    async def close(self) -> None:
        """Stop searching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._state = replace(self._state, running=False)  # also of a task that had not begun

    async def _run(self) -> None:
        problems: list[str] = []
        try:
            problems = await look(self._note, self._ways())
        finally:
            self._state = replace(self._state, running=False, problems=tuple(problems))

    def _note(self, found: Found) -> None:
        state = self._state
        if found not in state.found and len(state.found) < MOST_FOUND:
            self._state = replace(state, found=(*state.found, found))
