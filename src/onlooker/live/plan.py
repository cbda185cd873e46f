"""What the configuration says of one camera, as the hub needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from onlooker.sources import Source


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """One camera to be. Two plans of the same `fingerprint` need the same connection.

    `make` builds a source for one run. `idle_after` is how many seconds the camera is kept once nobody needs it,
    `stall_after` how many may pass without a frame before the connection counts as lost. `fingerprint` may contain
    secrets: it stays in memory.
    """

    name: str
    title: str
    kind: str
    make: Callable[[], Source] = field(repr=False)
    always_on: bool = False
    idle_after: float = 10.0
    stall_after: float = 10.0
    fingerprint: str = field(default="", repr=False)
