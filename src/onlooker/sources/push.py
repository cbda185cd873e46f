"""A camera that shows what somebody sends it: a phone's page, a script that puts JPEGs, ffmpeg that posts a stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator

from onlooker import devices
from onlooker.clock import Clock
from onlooker.devices import Ability, Details, Receiving
from onlooker.errors import ConfigError, SourceEnded
from onlooker.media import Media
from onlooker.readers.handover import Handover

SCHEMES = ("push",)

NOBODY = "Nobody has sent a picture yet. It starts by itself when somebody does."


class Device(devices.Device, Receiving):
    """Shows one sender at a time: the newest, who replaces whoever sent before.

    Options:
        quiet_after: seconds without a picture after which whoever sends counts as gone.
    """

    def __init__(self, url: str, *, quiet_after: float = 6.0) -> None:
        if url.partition(":")[2].strip("/"):
            raise ConfigError(
                "A camera that pictures are sent to has no address. Write “push:”, and nothing behind it."
            )
        if not quiet_after > 0:
            raise ConfigError(f"quiet_after must be more than 0 seconds, not {quiet_after:g}.")
        self._quiet_after = quiet_after
        self._newest: Delivery | None = None

    def begin(self, sender: str) -> Delivery:
        before, self._newest = self._newest, Delivery(sender)
        if before is not None:
            before.replace(sender)
        return self._newest

    def source(self) -> Source:
        return Source(self._newest, self._quiet_after)

    async def details(self) -> Details:
        return Details(frozenset({Ability.RECEIVE}), as_of=time.time())

    async def close(self) -> None:
        if self._newest is not None:
            self._newest.end()


class Delivery:
    """One sender's pictures, handed over on the event loop; bounded, and never waited for.

    Whatever comes after it is over is let fall.
    """

    def __init__(self, sender: str) -> None:
        self.sender = sender
        self.replaced = False
        self._handover = Handover(asyncio.get_running_loop())
        self._over = asyncio.Event()

    def put(self, media: Media) -> None:
        if not self._over.is_set():
            self._handover.put(media)

    @property
    def over(self) -> bool:
        return self._over.is_set()

    @property
    def dropped(self) -> int:
        """How many pictures had to be left out, because more came than could be taken."""
        return self._handover.dropped

    def end(self) -> None:
        self._finish(f"{self.sender} has stopped sending.")

    async def until_over(self) -> None:
        await self._over.wait()

    def replace(self, newer: str) -> None:
        """Somebody else sends now."""
        if not self._over.is_set():
            self.replaced = True
            self._finish(f"{newer} sends now.")

    def fall_silent(self, seconds: float) -> None:
        """Nothing came for so long."""
        self._finish(f"{self.sender} has sent nothing for {seconds:g} seconds.")

    async def get(self) -> Media:
        """The next picture; SourceEnded behind the last."""
        return await self._handover.get()

    def _finish(self, why: str) -> None:
        if not self._over.is_set():
            self._over.set()
            self._handover.end(SourceEnded(why))


class Source:
    """What the newest sender sends, until that ends."""

    def __init__(self, delivery: Delivery | None, quiet_after: float) -> None:
        self._delivery = delivery
        self._quiet_after = quiet_after
        self._heard = 0.0

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        delivery = self._delivery
        if delivery is None:
            raise SourceEnded(NOBODY)
        self._heard = clock.monotonic()
        listening = asyncio.create_task(self._listen(delivery, clock), name=f"listen to {delivery.sender}")
        try:
            while True:
                media = await delivery.get()
                self._heard = clock.monotonic()
                yield media
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self, delivery: Delivery, clock: Clock) -> None:
        """End the delivery of a sender who has fallen silent: a phone in a pocket says nothing more."""
        while (left := self._heard + self._quiet_after - clock.monotonic()) > 0:
            await clock.sleep(left)
        delivery.fall_silent(self._quiet_after)
