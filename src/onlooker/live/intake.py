"""The intake: numbers what a camera gives and knows its figures: size, coding, rate, age."""

from __future__ import annotations

from contextlib import suppress

from onlooker.errors import MalformedInput
from onlooker.formats import jpeg
from onlooker.live.pace import Rate
from onlooker.media import Frame, Media

_MEASURE_EVERY = 32  # frames: a camera may change its size while it streams, but hardly ever does


class Intake:
    """Counts over all connections of a camera; `begin` starts the figures of one connection. Times are monotonic."""

    def __init__(self) -> None:
        self._rate = Rate()
        self.codec = ""
        self.width = 0
        self.height = 0
        self.frames = 0
        self.bytes = 0
        self.first_at: float | None = None  # first and newest frame of this connection
        self.newest_at: float | None = None
        self.last_captured: float | None = None  # UTC; of the newest frame ever

    def begin(self) -> None:
        """A new connection."""
        self.first_at = self.newest_at = None
        self._rate.clear()

    def take(self, media: Media, now: float) -> Media:
        """Count it and give it back, a frame with its number."""
        self.frames += 1
        self.bytes += len(media.data)
        if isinstance(media, Frame):
            if self.first_at is None or self.frames % _MEASURE_EVERY == 0:
                with suppress(MalformedInput):
                    self.width, self.height = jpeg.dimensions(media.data)
                self.codec = "mjpeg"
            media = Frame(media.data, media.captured, self.frames)
        elif self.first_at is None or media.key:
            self.codec, self.width, self.height = media.format.codec, media.format.width, media.format.height
        self._rate.add(now)
        self.newest_at = now
        self.first_at = now if self.first_at is None else self.first_at
        self.last_captured = media.captured
        return media

    def rate(self, now: float) -> float:
        """Frames a second over the last seconds."""
        return round(self._rate.value(now), 2)

    def age(self, now: float) -> float | None:
        """Seconds since the newest frame of this connection arrived; None if there is none."""
        return None if self.newest_at is None else round(now - self.newest_at, 3)

    def lasted(self, now: float) -> float:
        """Seconds since the first frame of this connection."""
        return 0.0 if self.first_at is None else now - self.first_at
