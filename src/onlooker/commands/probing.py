"""Try a source once and measure what it gives, without a hub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from onlooker.clock import Clock
from onlooker.config.cameras import CameraSettings, camera_settings
from onlooker.config.expansion import expand
from onlooker.config.problems import Problems
from onlooker.errors import MalformedInput, OnlookerError, SourceLost
from onlooker.formats import jpeg
from onlooker.live.transcode import Decoder, encode_jpeg
from onlooker.media import Frame, Media, Sample

MEASURE = 2.5  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """What a source gave; sizes in pixels, `first_after` in seconds from connecting to the first picture."""

    kind: str
    codec: str
    width: int
    height: int
    frame_rate: float
    bytes_per_second: float
    first_after: float


@dataclass(slots=True)
class _Seen:
    """What has come so far."""

    first: float = 0.0
    last: float = 0.0
    count: int = 0
    size: int = 0  # bytes, without the first picture's: they are not spread over the time measured
    codec: str = ""
    dimensions: tuple[int, int] = (0, 0)
    picture: bytes = b""

    def note(self, media: Media, moment: float) -> None:
        self.count += 1
        self.last = moment
        if self.count == 1:
            self.first = moment
        else:
            self.size += len(media.data)
        if isinstance(media, Frame):
            self.codec, self.dimensions, self.picture = "mjpeg", _dimensions(media.data), media.data
        else:
            self.codec = media.format.codec
            if media.format.width:
                self.dimensions = media.format.width, media.format.height


def camera_of(source: str, options: Mapping[str, str], environ: Mapping[str, str]) -> CameraSettings:
    """The source as it would be configured; ConfigError says what is wrong with it."""
    problems = Problems("SOURCE")
    written = {"source": source, **options}
    camera = camera_settings("probe", expand(written, environ, "cameras.probe", problems), written, problems)
    # The camera has no name yet: only the option is of interest.
    problems.lines = [line.replace("SOURCE: cameras.probe.", "", 1) for line in problems.lines]
    problems.raise_if_any()
    assert camera is not None  # no problem, no None
    return camera


async def probe(
    camera: CameraSettings, clock: Clock, *, patience: float, want_picture: bool = False, measure: float = MEASURE
) -> tuple[Finding, bytes]:
    """Connect, measure for a moment, let go. The second value is a JPEG, empty if none was wanted.

    Raises what the source raises, and SourceLost when nothing comes within `patience` seconds.
    """
    started = clock.monotonic()
    seen = _Seen()
    decoding = _Decoding()
    async with aclosing(camera.make().run(clock)) as stream:
        first = await _first(stream, patience)
        until = clock.monotonic() + measure
        media: Media | None = first
        while media is not None:
            seen.note(media, clock.monotonic())
            if isinstance(media, Sample) and not seen.picture and (want_picture or not seen.dimensions[0]):
                seen.picture, seen.dimensions = await asyncio.to_thread(decoding.on, media, seen.dimensions)
            missing = want_picture and not seen.picture
            media = await _next(stream, until + (patience if missing else 0.0) - clock.monotonic())
    if want_picture and not seen.picture:
        raise SourceLost("Video came, but no picture could be decoded from it: no key frame was among it.")
    took = seen.last - seen.first
    finding = Finding(
        kind=camera.kind,
        codec=seen.codec,
        width=seen.dimensions[0],
        height=seen.dimensions[1],
        frame_rate=round((seen.count - 1) / took, 2) if took > 0 else 0.0,
        bytes_per_second=round(seen.size / took) if took > 0 else 0.0,
        first_after=round(seen.first - started, 3),
    )
    return finding, seen.picture


def save(picture: bytes, path: Path) -> None:
    """Write the picture where the user wants it."""
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise OnlookerError(f"{path}: the picture cannot be saved: {error.strerror}") from None


def _dimensions(data: bytes) -> tuple[int, int]:
    try:
        return jpeg.dimensions(data)
    except MalformedInput as error:
        raise SourceLost(f"A picture came, but it is damaged: {error}") from None


class _Decoding:
    """Decodes samples until there is one picture."""

    def __init__(self) -> None:
        self._decoder: Decoder | None = None

    def on(self, sample: Sample, known: tuple[int, int]) -> tuple[bytes, tuple[int, int]]:
        """The picture as a JPEG and its size, or nothing and what was known of the size."""
        self._decoder = self._decoder or Decoder(sample.format)
        for picture in self._decoder.decode(sample):
            return encode_jpeg(picture, quality=90), (picture.width, picture.height)
        return b"", known


async def _first(stream: AsyncGenerator[Media], patience: float) -> Media:
    try:
        async with asyncio.timeout(patience):
            return await anext(stream)
    except TimeoutError:
        raise SourceLost(
            f"No picture came within {patience:g} s. Check the address, or wait longer: --timeout"
        ) from None
    except StopAsyncIteration:
        raise SourceLost("The source ended before a picture came.") from None


async def _next(stream: AsyncGenerator[Media], seconds: float) -> Media | None:
    """The next one; None when the time is over or the source ends."""
    if seconds <= 0:
        return None
    try:
        async with asyncio.timeout(seconds):
            return await anext(stream)
    except (TimeoutError, StopAsyncIteration):
        return None
