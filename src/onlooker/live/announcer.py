"""The announcer: tells a camera's viewers, in the picture itself, that there is no live video and since when."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from onlooker.clock import Clock
from onlooker.live import placard
from onlooker.live.channel import Channel
from onlooker.live.renditions import Renditions
from onlooker.live.status import CameraStatus, State
from onlooker.live.workers import Workers
from onlooker.media import Frame

REPEAT = 10.0  # seconds; also keeps a proxy from closing a stream in which nothing moves
PATIENCE = 1.5  # seconds a camera may take to connect before that is worth a picture

_PAUSE = {State.LIVE: None, State.IDLE: None, State.CONNECTING: PATIENCE}


class Announcer:
    """Publishes a placard to every watched channel when the camera is not live, again every `REPEAT` seconds."""

    def __init__(
        self, renditions: Renditions, status: Callable[[], CameraStatus], clock: Clock, workers: Workers
    ) -> None:
        self._renditions = renditions
        self._status = status
        self._clock = clock
        self._workers = workers
        self._event = asyncio.Event()

    def wake(self) -> None:
        """The state changed, or somebody came."""
        self._event.set()

    async def run(self) -> None:
        """Announce until cancelled."""
        while True:
            woken = await self._woken(_PAUSE.get(self._status().state, REPEAT))
            state = self._status().state
            if state in (State.LIVE, State.IDLE) or (woken and state is State.CONNECTING):
                continue
            await self._announce(self._renditions.watched())

    async def _woken(self, pause: float | None) -> bool:
        """Wait to be woken, for `pause` seconds at the most; None is for ever."""
        try:
            async with asyncio.timeout(pause):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True

    async def _announce(self, channels: list[Channel]) -> None:
        status = self._status()
        for channel in channels:
            width, height = self._size(channel, status.width, status.height)
            data = await self._workers.run(
                placard.draw,
                self._renditions.last_picture,
                title=status.title,
                text=_words(status),
                detail=status.reason,
                width=width,
                height=height,
            )
            if self._status().state is not status.state:
                return  # it came back while we were drawing
            frame = Frame(data, self._clock.now(), status.frames_in)
            self._renditions.publish(channel, frame, status.state)

    @staticmethod
    def _size(channel: Channel, width: int, height: int) -> tuple[int, int]:
        width, height = (width, height) if width and height else (1280, 720)
        if 0 < channel.rendition.width < width:
            height = max(2, round(height * channel.rendition.width / width))
            width = channel.rendition.width
        return width, height


def _words(status: CameraStatus) -> str:
    if status.state is State.CONNECTING:
        return "Connecting …"
    if status.state is State.ENDED and status.last_frame_at is None:
        return "Not started yet"
    words = "Ended at %H:%M:%S" if status.state is State.ENDED else "No live video since %H:%M:%S"
    return time.strftime(words, time.localtime(status.since))
