"""A kind of camera for the bench alone, `bench:`, which gives frames of a fixed size at a fixed rate."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator

import numpy
import simplejpeg

from onlooker.clock import Clock
from onlooker.media import Frame

SCHEMES = ("bench",)


class Source:
    """Frames of a fixed size at a fixed rate.

    Options:
        size: Bytes of each frame.
        rate: Frames a second.
    """

    last_arrival = 0.0  # of any frame, on the performance counter; for stopwatch.py

    def __init__(self, url: str, *, size: int = 50_000, rate: float = 15.0) -> None:
        self._picture = picture(size)
        self._interval = 1 / rate

    async def run(self, clock: Clock) -> AsyncGenerator[Frame]:
        """Yield the same picture on a steady beat."""
        due = time.monotonic()
        while True:
            due += self._interval
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            Source.last_arrival = time.perf_counter()
            yield Frame(data=self._picture, captured=clock.now())


def picture(size: int) -> bytes:
    """A valid JPEG of exactly `size` bytes: a small one, filled up with comment segments."""
    small: bytes = simplejpeg.encode_jpeg(numpy.zeros((16, 16, 3), numpy.uint8), quality=50, colorsubsampling="420")
    filled = small[:2]
    missing = size - len(small)
    while missing > 0:
        length = min(missing, 60_000)
        if 0 < missing - length < 4:  # a segment has four bytes at least
            length -= 4
        filled += b"\xff\xfe" + (length - 2).to_bytes(2, "big") + bytes(length - 4)
        missing -= length
    return filled + small[2:]
