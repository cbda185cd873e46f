"""The live picture on its way out: parts as Thetas write them, or as a fault wants them, cut into chunks."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from onlooker.clock import Clock
from onlooker.simulation.theta.counters import Counters
from onlooker.simulation.theta.faults import Effect, Fault, Faults
from onlooker.simulation.theta.models import Format
from onlooker.simulation.theta.pictures import Panorama

BOUNDARY = "---osclivepreview---"
CONTENT_TYPE = f'multipart/x-mixed-replace; boundary="{BOUNDARY}"'

COMMAND = {1: "camera._getLivePreview", 2: "camera.getLivePreview"}  # by level

_RUBBISH = b"\r\nX-Rubbish: \xff\x00\xd9 between two pictures \x80\xff\r\n\r\n"
_MOST_PACKED = 64

Write = Callable[[bytes], Awaitable[None]]


class Cut(Exception):
    """The connection is to be cut here."""


@dataclass(slots=True)
class Preview:
    """One connection's live picture. `run` ends only by an error or by being cancelled."""

    format: Format
    heading: float
    faults: Faults
    counters: Counters
    clock: Clock
    sent: int = 0

    async def run(self, write: Write) -> None:
        """Draw and send, at the format's rate from the first moment on; what could not be sent in time is left out."""
        panorama = await asyncio.to_thread(Panorama, self.format.width, self.format.height, self.heading)
        began = self.clock.monotonic()
        number = -1
        waiting: list[bytes] = []
        while True:
            number = max(number + 1, math.floor((self.clock.monotonic() - began) * self.format.framerate))
            await self.clock.sleep(began + number / self.format.framerate - self.clock.monotonic())
            if self._due(Fault.STALL):
                await self.faults.over(Fault.STALL)
                continue
            with_thumbnail = self.faults.on(Fault.THUMBNAILS) is not None
            jpeg = await asyncio.to_thread(panorama.jpeg, self.clock.now(), number, thumbnail=with_thumbnail)
            waiting.append(self._part(jpeg))
            if self._due(Fault.DROP):
                self.faults.strikes(Fault.DROP)
                await write(waiting[-1][: len(jpeg) // 2])
                raise Cut
            packed = self.faults.on(Fault.PACKED)
            if packed and len(waiting) < min(packed.value, _MOST_PACKED):
                continue
            for chunk in self._chunks(b"".join(waiting)):
                await write(chunk)
            self.sent += len(waiting)
            self.counters.pictures += len(waiting)
            waiting.clear()

    def _due(self, fault: Fault) -> Effect | None:
        """A fault that comes after so many pictures."""
        effect = self.faults.on(fault)
        return effect if effect and self.sent >= effect.value else None

    def _part(self, jpeg: bytes) -> bytes:
        line = "\n" if self.faults.on(Fault.LINE_FEEDS) else "\r\n"
        dashes = "--" if self.faults.on(Fault.DASHES) else ""
        length = "" if self.faults.on(Fault.NO_LENGTH) else f"Content-Length: {len(jpeg)}{line}"
        head = f"{dashes}{BOUNDARY}{line}Content-type: image/jpeg{line}{length}{line}".encode("ascii")
        rubbish = _RUBBISH if self.faults.on(Fault.GARBAGE) else b""
        return rubbish + head + jpeg + line.encode("ascii")

    def _chunks(self, data: bytes) -> Iterator[bytes]:
        split = self.faults.on(Fault.SPLIT)
        step = max(1, len(data) // max(1, int(split.value))) if split else len(data)
        return (data[at : at + step] for at in range(0, len(data), step))
