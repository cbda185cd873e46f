"""Try one camera: connect once, measure what it gives, take a picture, let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from onlooker.clock import Clock
from onlooker.devices import Details, Device, Receiving
from onlooker.errors import DeviceError, MalformedInput, SourceLost
from onlooker.formats import jpeg
from onlooker.live.transcode import Decoder, decode_jpeg, encode_jpeg
from onlooker.media import Frame, Media, Sample
from onlooker.sources import Source, source_of

MEASURE = 2.5  # seconds
_DETAILS_WITHIN = 4.0  # seconds


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


async def probe(
    kind: str,
    made: Device | Source,
    clock: Clock,
    *,
    patience: float,
    want_picture: bool,
    measure: float = MEASURE,
) -> tuple[Finding, bytes]:
    """Connect, measure for a moment, let go. The second value is a JPEG, empty if none was wanted.

    A camera that waits for a sender gives nothing, and that is no error. Raises what the source raises, and SourceLost
    when nothing comes within `patience` seconds.
    """
    if isinstance(made, Receiving):
        return Finding(kind, "", 0, 0, 0.0, 0.0, 0.0), b""
    try:
        return await _measured(kind, source_of(made), clock, patience, want_picture, measure)
    finally:
        if isinstance(made, Device):
            await made.close()


async def about(made: Device | Source) -> Details | None:
    """What the camera says of itself; None if it says nothing, or not soon."""
    if not isinstance(made, Device) or isinstance(made, Receiving):
        return None
    try:
        async with asyncio.timeout(_DETAILS_WITHIN):
            return await made.details()
    except (TimeoutError, DeviceError):
        return None
    finally:
        await made.close()


def preview(picture: bytes, width: int) -> bytes:
    """The JPEG, at most so wide; blocking. MalformedInput if it is none."""
    if not picture or jpeg.dimensions(picture)[0] <= width:
        return picture
    return encode_jpeg(decode_jpeg(picture, max_width=width), width=width)


async def _measured(
    kind: str, source: Source, clock: Clock, patience: float, want_picture: bool, measure: float
) -> tuple[Finding, bytes]:
    started = clock.monotonic()
    seen = _Seen()
    decoding = _Decoding()
    async with aclosing(source.run(clock)) as stream:
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
        kind=kind,
        codec=seen.codec,
        width=seen.dimensions[0],
        height=seen.dimensions[1],
        frame_rate=round((seen.count - 1) / took, 2) if took > 0 else 0.0,
        bytes_per_second=round(seen.size / took) if took > 0 else 0.0,
        first_after=round(seen.first - started, 3),
    )
    return finding, seen.picture


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
            f"No picture came within {patience:g} s. Check the address, and whether the camera is switched on."
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
