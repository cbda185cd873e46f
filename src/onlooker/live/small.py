"""A camera's smaller stream, shown where its picture is seen small: a wall of many cameras then costs a fraction.

It is a help and nothing more: where it cannot be had, its viewers get the camera's own picture, made smaller.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from onlooker.clock import Clock
from onlooker.live.channel import Channel
from onlooker.live.status import Rendition, State

if TYPE_CHECKING:
    from onlooker.live.camera import Camera

log = logging.getLogger(__name__)

USUAL = 640  # pixels: how wide it is taken to be until its first picture
ENLARGED = 1.34  # by how much it may be too narrow for what is asked
GIVEN_UP = 300.0  # seconds until it is tried again after it failed
_TROUBLE = (State.LOST, State.REFUSED, State.ENDED)


class Small:
    """When to use it. `camera` supervises it, like any other; `instead` gives a channel of the camera itself."""

    def __init__(self, camera: Camera, clock: Clock, instead: Callable[[Rendition], Channel]) -> None:
        self.camera = camera
        camera.changed = self._look
        self._clock = clock
        self._instead = instead
        self._given_up_until = 0.0

    def suits(self, rendition: Rendition) -> bool:
        """Whether this rendition is to be made of it."""
        if not rendition.width or self._clock.monotonic() < self._given_up_until:
            return False
        return rendition.width <= ENLARGED * (self.camera.status().width or USUAL)

    def _look(self, state: State) -> None:
        """Hand its viewers over where it fails."""
        if state not in _TROUBLE:
            return
        self._given_up_until = self._clock.monotonic() + GIVEN_UP
        reason = self.camera.status().reason
        log.warning("the small stream is given up for now", extra={"camera": self.camera.name, "reason": reason})
        for channel in self.camera.renditions.watched():
            channel.hand_over(self._instead(channel.rendition))
