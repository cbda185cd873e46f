"""What the configuration says of one camera, as the hub needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from onlooker.devices import Device
from onlooker.media import Projection
from onlooker.sources import Source


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """One camera to be. Two plans of the same `fingerprint` need the same connection.

    `make` builds what the kind has: a device, which is kept, or a source for one run. `small` builds what gives the
    smaller stream, where the configuration names one; a device may have one of its own. `projection` None: whatever the
    device says; `heading` and `pitch` as in `media.View`. `idle_after` is how many seconds the camera is kept once
    nobody needs it, `stall_after` how many may pass without a frame before the connection counts as lost.
    `fingerprint` may contain secrets: it stays in memory.
    """

    name: str
    title: str
    kind: str
    make: Callable[[], Device | Source] = field(repr=False)
    always_on: bool = False
    idle_after: float = 10.0
    stall_after: float = 10.0
    small: Callable[[], Device | Source] | None = field(default=None, repr=False)
    projection: Projection | None = None
    heading: float = 0.0
    pitch: float = 0.0
    fingerprint: str = field(default="", repr=False)
