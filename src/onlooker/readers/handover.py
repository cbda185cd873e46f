"""The bounded queue between the thread that reads a camera and the loop: latest wins, and loss is counted."""

from __future__ import annotations

import asyncio
import threading
from collections import deque

from onlooker.errors import SourceError
from onlooker.media import Frame, Media, Sample

MAX_FRAMES = 2  # finished pictures: only the newest matters
MAX_SAMPLES = 120  # coded video: some seconds, so that a busy moment costs nobody a group of pictures


class Handover:
    """`put` and `end` belong to the reading thread, `get` to the loop. Neither ever waits for the other.

    When it is full, a new frame takes the place of the oldest one; of coded video everything is dropped up to the next
    key frame, so that what comes out can be decoded without a gap inside a group.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.dropped = 0
        self._loop = loop
        self._lock = threading.Lock()
        self._items: deque[Media] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._skipping = False
        self._ended: SourceError | None = None

    def put(self, media: Media) -> None:
        with self._lock:
            if isinstance(media, Frame):
                self._put_frame(media)
            else:
                self._put_sample(media)
        self._wake()

    def _put_frame(self, frame: Frame) -> None:
        if len(self._items) >= MAX_FRAMES:
            self._items.popleft()
            self.dropped += 1
        self._items.append(frame)

    def _put_sample(self, sample: Sample) -> None:
        if len(self._items) >= MAX_SAMPLES:
            self._skipping = True
        if self._skipping:
            if not sample.key:
                self.dropped += 1
                return
            if len(self._items) >= MAX_SAMPLES:
                self.dropped += len(self._items)
                self._items.clear()
            self._skipping = False
        self._items.append(sample)

    def end(self, error: SourceError) -> None:
        """Nothing more will come; `get` raises this once it has given out what is there."""
        with self._lock:
            self._ended = error
        self._wake()

    async def get(self) -> Media:
        """The next frame or sample; the error that ended the reading when there is none left."""
        while True:
            with self._lock:
                if self._items:
                    return self._items.popleft()
                if self._ended is not None:
                    raise self._ended
                self._waiter = self._loop.create_future()
            await self._waiter

    def _wake(self) -> None:
        if self._waiter is None:
            return
        try:
            self._loop.call_soon_threadsafe(self._release)
        except RuntimeError:  # the loop is closed: nobody reads any more
            return

    def _release(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
