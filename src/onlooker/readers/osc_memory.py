"""Answers from memory what a camera was asked a moment ago, so that many who look cost it no more than one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from onlooker.clock import Clock
from onlooker.errors import DeviceError

Answer = TypeVar("Answer")


class Memory(Generic[Answer]):
    """One question; its answer holds for `seconds`, as does that it could not be had."""

    def __init__(self, ask: Callable[[], Awaitable[Answer]], seconds: float, clock: Clock) -> None:
        self._ask = ask
        self._seconds = seconds
        self._clock = clock
        self._asking = asyncio.Lock()
        self._known: Answer | DeviceError | None = None
        self._at = 0.0

    async def answer(self) -> Answer:
        """The answer now; a DeviceError as it was."""
        async with self._asking:
            if self._known is None or self._clock.monotonic() - self._at >= self._seconds:
                try:
                    self._known = await self._ask()
                except DeviceError as error:
                    self._known = error
                self._at = self._clock.monotonic()
            known = self._known
        if isinstance(known, DeviceError):
            raise known.with_traceback(None)
        return known

    def forget(self) -> None:
        """Ask again next time."""
        self._known = None
