"""A viewer: follows an album's events, comes back where it was, and notes what it was told when."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import aiohttp

from onlooker.errors import MalformedInput
from onlooker.formats import sse
from onlooker.media import EventKind
from onlooker.simulation.outcome import Outcome
from onlooker.simulation.target import Target

_EVENTS = frozenset(EventKind)
_PAUSE = 0.5  # seconds before it comes back
_SILENCE = 60.0  # seconds without a byte, not even a sign of life


Seen = Callable[[dict[str, Any], bool], None]  # (a photo, whether this viewer is the first)


async def watch(target: Target, number: int, position: str, outcome: Outcome, seen: Seen) -> None:
    """Until cancelled; `seen` is called with each photo of ours."""
    viewer = _Viewer(number, position, outcome, seen)
    while True:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, MalformedInput):
            await viewer.follow(target)
        outcome.reconnected += 1
        await asyncio.sleep(_PAUSE)


class _Viewer:
    def __init__(self, number: int, position: str, outcome: Outcome, seen: Seen) -> None:
        self._number = number
        self._last = position
        self._outcome = outcome
        self._seen = seen

    async def follow(self, target: Target) -> None:
        """One connection, from behind the last event on."""
        timeout = aiohttp.ClientTimeout(total=None, connect=10, sock_read=_SILENCE)
        async with target.session.get(
            target.events, headers={"Last-Event-ID": self._last}, timeout=timeout, allow_redirects=False
        ) as answer:
            answer.raise_for_status()
            reader = sse.Reader()
            async for chunk in answer.content.iter_any():
                now = asyncio.get_running_loop().time()
                for message in reader.feed(chunk):
                    self._take(message, now)

    def _take(self, message: sse.Message, now: float) -> None:
        if message.event == "reset":
            self._outcome.resets += 1
            self._last = message.id
        elif message.event in _EVENTS and self._follows(message.id) and message.event == "complete":
            self._photo(json.loads(message.data), now)

    def _follows(self, id: str) -> bool:
        """Note the event's number; False if it came before."""
        number, before = (int(one.rpartition(".")[2] or 0) for one in (id, self._last))
        self._outcome.doubled += number == before
        self._outcome.out_of_order += number < before or number > before + 1
        if number > before:
            self._last = id
        return number > before

    def _photo(self, photo: dict[str, Any], now: float) -> None:
        shot = self._outcome.shots.get(photo.get("sha256", ""))
        if shot is None:  # somebody else's
            return
        if self._number in shot.seen:
            self._outcome.doubled += 1
            return
        first = not shot.seen
        shot.seen[self._number] = now
        self._seen(photo, first)
