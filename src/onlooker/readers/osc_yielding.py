"""Keeps a camera's live view apart from whatever would end it: the live view gives way, and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

GONE = 2.5
"""Seconds that a live view has to be gone; then whoever waits goes on, and the camera ends it."""


class RightOfWay:
    """One live view, and any number who need the camera for themselves for a moment."""

    def __init__(self) -> None:
        self._claims = 0
        self._free = asyncio.Event()
        self._free.set()
        self._idle = asyncio.Event()  # no live view
        self._idle.set()
        self._stop: Callable[[], None] | None = None

    @property
    def claimed(self) -> bool:
        """Whether somebody needs the camera now: the live view has to wait."""
        return self._claims > 0

    @asynccontextmanager
    async def claimed_for(self) -> AsyncIterator[None]:
        """Have the camera without its live view."""
        self._claims += 1
        self._free.clear()
        try:
            if self._stop is not None:
                self._stop()
            with suppress(TimeoutError):
                async with asyncio.timeout(GONE):
                    await self._idle.wait()
            yield
        finally:
            self._claims -= 1
            if not self._claims:
                self._free.set()

    async def free(self) -> None:
        """Wait until nobody needs the camera."""
        await self._free.wait()

    @contextmanager
    def showing(self, stop: Callable[[], None]) -> Iterator[None]:
        """There is a live view; `stop` makes its reader end soon."""
        self._stop = stop
        self._idle.clear()
        try:
            if self.claimed:
                stop()
            yield
        finally:
            self._stop = None
            self._idle.set()
