"""Pace: which frames a rendition with a limited rate lets through, and how fast frames really come in."""

from __future__ import annotations

from collections import deque


class Pace:
    """Lets at most `fps` frames a second through, evenly; 0 lets all through. Times are monotonic seconds."""

    __slots__ = ("_due", "_interval")

    def __init__(self, fps: int) -> None:
        self._interval = 1 / fps if fps else 0.0
        self._due = float("-inf")

    def take(self, now: float) -> bool:
        """Whether the frame that arrives `now` is one of those; it then counts as taken."""
        # A quarter of an interval of grace: a 30 fps camera asked for 10 fps gives every third frame in spite of
        # jitter.
        if now < self._due - self._interval / 4:
            return False
        self._due = max(self._due + self._interval, now + self._interval / 2)
        return True


class Rate:
    """Frames a second over the last `window` seconds."""

    __slots__ = ("_times", "_window")

    def __init__(self, window: float = 5.0) -> None:
        self._window = window
        self._times: deque[float] = deque(maxlen=1000)

    def add(self, now: float) -> None:
        """A frame arrived at this monotonic instant."""
        self._times.append(now)
        while now - self._times[0] > self._window:
            self._times.popleft()

    def value(self, now: float) -> float:
        """Frames a second as of `now`; 0 when nothing came for a whole window."""
        recent = [time for time in self._times if now - time <= self._window]
        if len(recent) < 2:
            return len(recent) / self._window
        # While frames come, the span between them; when they stop, the growing silence counts too.
        span = max(recent[-1] - recent[0], now - recent[0] - 2 * (recent[-1] - recent[0]) / (len(recent) - 1))
        return (len(recent) - 1) / span if span > 0 else 0.0

    def clear(self) -> None:
        """Forget everything: a new connection begins."""
        self._times.clear()
