"""A video file or a folder of JPEGs, shown over and over in real time as if it were a camera."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

import av
from av.container import InputContainer

from onlooker.clock import Clock
from onlooker.errors import ConfigError, MalformedInput, SourceMissing, SourceRefused
from onlooker.formats import mjpeg
from onlooker.media import Frame, Media, Sample
from onlooker.readers.packets import Unpacker

SCHEMES = ("file",)

_BATCH = 16  # packets read per trip to a thread
_LATE = 1.0  # seconds behind after which time is let go instead of being caught up with
_PICTURES = (".jpg", ".jpeg")


class Source:
    """A file that plays, or a folder that is leafed through by name.

    Options:
        fps: pictures a second; 0 means one a second for a folder, and a video's own rate.
        loop: start again at the end; false shows everything once.
    """

    def __init__(self, url: str, *, fps: float = 0.0, loop: bool = True) -> None:
        if fps < 0:
            raise ConfigError(f"fps must be 0 or more, not {fps:g}.")
        self._path = path_of(url)
        self._fps = fps
        self._loop = loop

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        pace = _Pace(clock)
        base = 0.0
        while True:
            folder = await asyncio.to_thread(self._path.is_dir)
            reel = _Reel(self._pictures(), 1) if folder else _Reel(self._video(), _BATCH)
            end = 0.0
            try:
                while shots := await reel.next():
                    for shot in shots:
                        await pace.until(base + shot.at)
                        yield _now(shot.media, clock, base)
                        end = max(end, shot.at + shot.lasts)
            finally:
                await reel.close()
            base += end
            if not self._loop:
                raise SourceMissing(f"{self._path} has come to its end. Say loop = true to show it over and over.")

    def _pictures(self) -> Generator[_Shot]:
        lasts = 1 / (self._fps or 1.0)
        at = 0.0
        for path in sorted(path for path in self._path.iterdir() if path.suffix.lower() in _PICTURES):
            try:
                frame = Frame(mjpeg.complete(path.read_bytes()), 0.0)
            except (OSError, MalformedInput):
                continue  # deleted meanwhile, or still being written: the next round may have it
            yield _Shot(frame, at, lasts)
            at += lasts
        if at == 0.0:
            raise SourceMissing(f"There is no whole JPEG in the folder {self._path}. Put some there.")

    def _video(self) -> Generator[_Shot]:
        try:
            with av.open(os.fspath(self._path)) as container:
                yield from _shots(container, self._fps)
        except FileNotFoundError:
            raise SourceMissing(f"There is no file {self._path}. Check the path of the source.") from None
        except PermissionError:
            raise SourceRefused(f"{self._path} may not be read by this user. Check its permissions.") from None
        except (av.FFmpegError, SourceRefused) as error:
            raise SourceRefused(f"{self._path} is no video that can be read here: {_said(error)}.") from None


def _shots(container: InputContainer, fps: float) -> Generator[_Shot]:
    unpacker = Unpacker(container)
    usual = 1 / (fps or unpacker.format.rate or 25.0)
    first: float | None = None
    number = 0
    for packet in container.demux(unpacker.stream):
        media = unpacker.media(packet, 0.0)
        if media is None:
            continue
        # Packets come in the order of decoding; `pts` jumps back and forth where pictures are reordered.
        ticks = packet.dts if packet.dts is not None else packet.pts
        stands = float(ticks * packet.time_base) if ticks is not None else number * usual
        first = stands if first is None else first
        lasts = float(packet.duration * packet.time_base) if packet.duration and not fps else usual
        yield _Shot(media, number * usual if fps else stands - first, lasts)
        number += 1
    if first is None:
        raise SourceRefused("there is no picture in it")


@dataclass(frozen=True, slots=True)
class _Shot:
    """A picture with the second of the film at which it is shown, and how long it stays."""

    media: Media
    at: float
    lasts: float


class _Reel:
    """Winds a blocking generator on in threads, some shots at a time."""

    def __init__(self, shots: Generator[_Shot], batch: int) -> None:
        self._shots = shots
        self._batch = batch
        self._reading: asyncio.Task[list[_Shot]] | None = None

    async def next(self) -> list[_Shot]:
        """The next shots; none at the end."""
        self._reading = asyncio.create_task(asyncio.to_thread(lambda: list(islice(self._shots, self._batch))))
        return await asyncio.shield(self._reading)

    async def close(self) -> None:
        """Close the file; a read that goes on (its reader was cancelled) ends first, for two threads must not meet."""
        if self._reading is not None and not self._reading.done():
            await asyncio.wait([self._reading])
        await asyncio.to_thread(self._shots.close)


class _Pace:
    """Lets film time pass as fast as real time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = clock.monotonic()

    async def until(self, second: float) -> None:
        ahead = self._started + second - self._clock.monotonic()
        if ahead > 0:
            await self._clock.sleep(ahead)
        elif ahead < -_LATE:
            self._started -= ahead


def path_of(url: str) -> Path:
    """The path in `file:/a/b`, `file:///a/b`, `file:a/b` or `file:~/a`, percent-encoded or not."""
    raw = url.partition(":")[2]
    if raw.startswith("//"):
        raw = "/" + raw[2:].partition("/")[2]
    if re.match(r"/[A-Za-z]:[/\\]", raw):
        raw = raw[1:]
    if not raw.strip("/"):
        raise ConfigError("A file source needs a path, as in file:/home/me/video.mp4 or file:pictures.")
    path = Path(raw).expanduser()
    return path if path.exists() or "%" not in raw else Path(unquote(raw)).expanduser()


def _now(media: Media, clock: Clock, base: float) -> Media:
    if isinstance(media, Sample):
        return replace(media, captured=clock.now(), pts=base + media.pts)
    return replace(media, captured=clock.now())


def _said(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text.rstrip(".").lower()
