"""A moving test picture that needs no hardware: its name, the time and the frame's number, on a slow wave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from urllib.parse import unquote

from onlooker.clock import Clock
from onlooker.errors import ConfigError, SourceLost
from onlooker.formats import size as sizes
from onlooker.media import Frame, Media
from onlooker.readers.card import Card

SCHEMES = ("testcard",)


class Source:
    """A camera that is drawn.

    Options:
        size: width and height in pixels.
        fps: frames a second.
        outage_every: seconds between the beginnings of two outages; 0 means there are none.
        outage_for: seconds that an outage lasts.
    """

    def __init__(
        self,
        url: str,
        *,
        size: str = "1280x720",
        fps: float = 10.0,
        outage_every: float = 0.0,
        outage_for: float = 0.0,
    ) -> None:
        if not 0 < fps <= 240:
            raise ConfigError(f"fps must be more than 0 and at most 240, not {fps:g}.")
        if outage_every < 0 or outage_for < 0 or (outage_every and outage_for >= outage_every):
            raise ConfigError("outage_for must be shorter than outage_every, and neither may be negative.")
        self._size = sizes.parsed(size)
        self._name = unquote(url.partition(":")[2].strip("/"))
        self._fps = fps
        self._outage_every = outage_every
        self._outage_for = outage_for

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        self._drop_out(clock.now())
        card = await asyncio.to_thread(Card, self._name, *self._size)
        started = clock.monotonic()
        number = 0
        while True:
            await clock.sleep(started + number / self._fps - clock.monotonic())
            captured = clock.now()
            self._drop_out(captured)
            yield Frame(await asyncio.to_thread(card.jpeg, captured, number + 1), captured)
            # Where drawing is slower than the rate, frames are left out; the time of the others does not drift.
            number = max(number + 1, int((clock.monotonic() - started) * self._fps))

    def _drop_out(self, now: float) -> None:
        if self._outage_every and now % self._outage_every < self._outage_for:
            raise SourceLost("The test card dropped out, as it was asked to, and comes back by itself.")
