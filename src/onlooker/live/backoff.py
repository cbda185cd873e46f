"""Back-off: how long to wait before a camera is tried again."""

from __future__ import annotations

import random

from onlooker.errors import SourceError, SourceMissing, SourceRefused

# Seconds: the first wait and the longest. A camera that reboots is back within seconds; a wrong password is not mended
# by asking often, and many cameras lock the account of someone who does.
_LIMITS: dict[type[SourceError], tuple[float, float]] = {
    SourceRefused: (30.0, 300.0),
    SourceMissing: (3.0, 30.0),
    SourceError: (1.0, 15.0),
}
_JITTER = 0.25
STEADY = 10.0  # seconds a connection has to last before the next loss starts from the first wait again


class Backoff:
    """Doubles the wait with every failure in a row, and spreads it so that cameras do not come back all at once."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._failures = 0

    def after(self, error: SourceError, lasted: float) -> float:
        """Seconds to wait after `error`, which ended a connection that had given pictures for `lasted` seconds."""
        if lasted >= STEADY:
            self._failures = 0
        first, longest = next(limits for kind, limits in _LIMITS.items() if isinstance(error, kind))
        wait = min(longest, first * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return wait * self._chance.uniform(1 - _JITTER, 1 + _JITTER)

    def clear(self) -> None:
        """Start from the first wait again."""
        self._failures = 0
