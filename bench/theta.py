"""A 360° camera for the bench: the simulated Theta, with pictures that are drawn beforehand and carry when they left.

    python -m bench.theta

Prints its port; ends when its standard input does. Behind its first two bytes each picture has a comment segment with
the instant at which it was handed to the connection, in microseconds since 1970.
"""

from __future__ import annotations

import asyncio
import sys
import time

from onlooker.simulation.theta import preview
from onlooker.simulation.theta.models import Model
from onlooker.simulation.theta.pictures import Panorama
from onlooker.simulation.theta.server import simulated

DRAWN = 30  # pictures, over and over
_MARK = b"left at "
_DIGITS = 16


class Drawn(Panorama):
    """Costs next to nothing while it is measured with."""

    def __init__(self, width: int, height: int, heading: float = 0.0) -> None:
        super().__init__(width, height, heading)
        self._pictures = [super(Drawn, self).jpeg(number / DRAWN, number) for number in range(DRAWN)]

    def jpeg(self, seconds: float, number: int, *, thumbnail: bool = False) -> bytes:
        return stamped(self._pictures[number % DRAWN])


def stamped(picture: bytes) -> bytes:
    """The picture with the present instant in it."""
    body = _MARK + b"%0*d" % (_DIGITS, round(1e6 * time.time()))
    return picture[:2] + b"\xff\xfe" + (2 + len(body)).to_bytes(2, "big") + body + picture[2:]


def left(picture: bytes) -> float:
    """When it left the camera, seconds since 1970."""
    at = picture.index(_MARK, 0, 64) + len(_MARK)
    return int(picture[at : at + _DIGITS]) / 1e6


async def serve() -> None:
    """Until standard input ends."""
    vars(preview)["Panorama"] = Drawn  # what draws them in the product would cost more than what is measured
    async with simulated(Model.X) as theta:
        print(theta.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
