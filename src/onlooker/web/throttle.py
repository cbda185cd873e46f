"""Limits how often something may be tried by one address or for one user, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict

from onlooker.clock import Clock
from onlooker.errors import TooMany


class TooManyTries(TooMany):
    """Too many wrong passwords; `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many tries with a wrong password. Wait {retry_after} seconds and try again.")
        self.retry_after = retry_after


class Throttle:
    """A leaky bucket a key: `burst` tries at once, then one every `interval` seconds.

    At most `keys` buckets are kept; the one unused for longest goes first.
    """

    def __init__(self, clock: Clock, *, burst: int, interval: float, keys: int = 10_000) -> None:
        self._clock = clock
        self._burst = burst
        self._interval = interval
        self._keys = keys
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tries in it, at which moment

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str) -> float:
        """Count a try; returns 0, or the seconds to wait where it is one too many (which is not counted)."""
        level = self._level(key)
        if level > self._burst - 1:
            return (level - (self._burst - 1)) * self._interval
        self._keep(key, level + 1)
        return 0.0

    def give_back(self, key: str) -> None:
        """Uncount a try that turned out to be right."""
        level = self._level(key) - 1
        if level > 0:
            self._keep(key, level)
        else:
            self._buckets.pop(key, None)

    def _level(self, key: str) -> float:
        level, then = self._buckets.get(key, (0.0, 0.0))
        return max(0.0, level - (self._clock.monotonic() - then) / self._interval)

    def _keep(self, key: str, level: float) -> None:
        self._buckets[key] = (level, self._clock.monotonic())
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._keys:
            self._buckets.popitem(last=False)
