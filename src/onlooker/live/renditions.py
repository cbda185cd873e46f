"""The renditions of one camera: passes JPEG through, decodes only what somebody watches, encodes each picture once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from onlooker.clock import Clock
from onlooker.errors import TooMany
from onlooker.formats import multipart
from onlooker.live.channel import Channel
from onlooker.live.coder import Coder
from onlooker.live.group import Group
from onlooker.live.pace import Pace
from onlooker.live.status import FanoutFigures, Rendition, State
from onlooker.live.workers import Workers
from onlooker.media import Frame, Media, Sample

MOST_RENDITIONS = 8  # sizes and rates of one camera at one time: each costs an encoder
BEHIND = 2.5  # seconds of coded video that may wait for the decoder before it skips to the next key frame


class Renditions:
    """Holds a camera's channels and fills them.

    `feed` never waits. Work on pictures is one piece at a time in a worker thread; what arrives meanwhile replaces what
    waits (JPEG) or joins it (coded video, which has to be decoded in order). `needed` is told +1 when a channel gets
    its first viewer and -1 when it loses its last.
    """

    def __init__(self, camera: str, clock: Clock, workers: Workers, needed: Callable[[int], None]) -> None:
        self._camera = camera
        self._clock = clock
        self._workers = workers
        self._needed = needed
        self._channels: dict[Rendition, Channel] = {}
        self._paces: dict[Rendition, Pace] = {}
        self._past = FanoutFigures(0, 0, 0, 0, 0)  # what channels that have gone handed out
        self._skipped_decoder = 0
        self._work = asyncio.Event()
        self._waiting: list[Media] = []
        self._queued_at: float | None = None  # when the first of what waits came, but for what a join brought
        self._connection = 0  # results of work begun before a `reset` are thrown away
        self._decoding = False  # the decoder has been given everything since the last key frame
        self._sequence = 0
        self.group = Group()
        self.frame: Frame | None = None  # the newest JPEG as it came from the camera
        self.last_picture: bytes | None = None  # of the connection before, to be shown dimmed
        self.width = 0  # of the camera's own picture; 0 until known

    # Channels

    def allow(self, rendition: Rendition) -> None:
        """Raise TooMany where one more rendition would be too many."""
        if rendition not in self._channels and len(self._channels) >= MOST_RENDITIONS:
            raise TooMany(
                f"Camera “{self._camera}” is already shown in {MOST_RENDITIONS} sizes and rates; ask for one of those."
            )

    def channel(self, rendition: Rendition) -> Channel:
        """The channel of this rendition, made if need be; attach a viewer before the next await."""
        channel = self._channels.get(rendition)
        if channel is None:
            channel = self._channels[rendition] = Channel(rendition, self._wanted)
            self._paces[rendition] = Pace(rendition.fps)
        return channel

    def watched(self) -> list[Channel]:
        """The channels that have viewers."""
        return list(self._channels.values())

    def _wanted(self, channel: Channel, wanted: bool) -> None:
        self._needed(1 if wanted else -1)
        if not wanted:
            del self._channels[channel.rendition], self._paces[channel.rendition]
            self._past = self._sum([channel])
        elif self.frame is not None:
            self._offer(self.frame, [channel])
        elif not self._decoding:
            self._join()

    def figures(self) -> FanoutFigures:
        """What has been handed out since the start."""
        return self._sum(self._channels.values())

    def _sum(self, channels: Iterable[Channel]) -> FanoutFigures:
        some = list(channels)
        return FanoutFigures(
            frames_out=self._past.frames_out + sum(c.frames_out for c in some),
            bytes_out=self._past.bytes_out + sum(c.bytes_out for c in some),
            skipped_busy=self._past.skipped_busy + sum(c.skipped_busy for c in some),
            skipped_decoder=self._skipped_decoder,
            renditions=len(self._channels),
        )

    # Media in

    def feed(self, media: Media) -> None:
        """Take what the camera gave."""
        if isinstance(media, Frame):
            self.frame = media
            if self._channels:
                self._offer(media, list(self._channels.values()))
        else:
            self.group.add(media)
            if self._channels:
                self._queue(media)

    def reset(self) -> None:
        """The connection ended: nothing of it is new any more."""
        self._connection += 1
        self._waiting.clear()
        self._decoding = False
        self.group.clear()
        newest = self.frame or next((c.frame for c in self._channels.values() if c.frame), None)
        self.last_picture = newest.data if newest else self.last_picture
        self.frame = None
        for channel in self._channels.values():
            channel.clear()

    def publish(self, channel: Channel, frame: Frame, state: State) -> None:
        """Frame the bytes and hand them to the channel's viewers; a placard is a frame of another state than live."""
        part = multipart.part(
            frame.data, camera=self._camera, captured=frame.captured, sequence=frame.sequence, state=state
        )
        channel.publish(part, frame if state is State.LIVE else None)

    def _offer(self, frame: Frame, channels: list[Channel]) -> None:
        """Pass a camera's JPEG through where it is small enough; leave the rest to the worker."""
        part: bytes | None = None
        smaller = False
        now = self._clock.monotonic()
        for channel in channels:
            if 0 < channel.rendition.width < self.width:
                smaller = True
            elif self._paces[channel.rendition].take(now):
                part = part or multipart.part(
                    frame.data, camera=self._camera, captured=frame.captured, sequence=frame.sequence, state=State.LIVE
                )
                channel.publish(part, frame)
        if smaller:
            self._skipped_decoder += len(self._waiting)
            self._waiting = [frame]
            self._work.set()

    def _join(self) -> None:
        """Give the decoder everything since the last key frame, so that a viewer need not wait for the next."""
        samples = self.group.samples()
        if samples:
            self._waiting, self._queued_at = list(samples), None
            self._decoding = True
            self._work.set()

    def _queue(self, sample: Sample) -> None:
        if sample.key and not self._decoding:
            self._decoding = True
            self._waiting, self._queued_at = [], None
        if not self._decoding:
            return
        if self._queued_at is None:
            self._queued_at = sample.captured
        if sample.captured - self._queued_at > BEHIND:
            self._skipped_decoder += len(self._waiting)
            self._waiting, self._queued_at = [], sample.captured
            self._decoding = sample.key
            if not sample.key:
                return
        self._waiting.append(sample)
        self._work.set()

    # Pictures out

    async def run(self) -> None:
        """Decode and encode until cancelled; SourceRefused where the codec is not known."""
        # One coder a connection, freed with the last reference to it: when this is cancelled, a thread may still be
        # using it, and the next connection must not meet that thread in the same decoder.
        coder = Coder()
        while True:
            await self._work.wait()
            self._work.clear()
            waiting, self._waiting, self._queued_at = self._waiting, [], None
            if waiting:
                await self._render(coder, waiting)
            if not self._channels:
                self._decoding = False

    async def _render(self, coder: Coder, waiting: list[Media]) -> None:
        connection = self._connection
        passed = isinstance(waiting[-1], Frame)
        now = self._clock.monotonic()
        due = [
            rendition
            for rendition in self._channels
            if not (passed and not 0 < rendition.width < self.width) and self._paces[rendition].take(now)
        ]
        if passed and not due:
            return
        frames = await self._workers.run(coder.render, waiting, due)
        if connection != self._connection:
            return
        self._sequence = waiting[-1].sequence if isinstance(waiting[-1], Frame) else self._sequence + 1
        for rendition, frame in frames.items():
            channel = self._channels.get(rendition)
            if channel is not None:
                self.publish(channel, Frame(frame.data, frame.captured, self._sequence), State.LIVE)
