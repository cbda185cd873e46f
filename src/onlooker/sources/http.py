"""HTTP cameras: a stream of JPEGs, or one JPEG that is asked for again and again, whatever the Content-Type claims."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from onlooker.clock import Clock
from onlooker.errors import ConfigError, MalformedInput, SourceLost, SourceRefused
from onlooker.formats import jpeg
from onlooker.formats.multipart import MultipartReader, Part, boundary_of
from onlooker.media import Frame, Media
from onlooker.readers.http import Answer, HttpCamera

SCHEMES = ("http", "https")

_HEAD = 64  # bytes that are enough to tell what else it is
_MAX_PREAMBLE = 64 * 1024
_OLDEST = 60.0  # seconds: a camera that says its pictures are older, or younger than now, has no clock to trust
_NEWEST = 1.0

_OTHERS = (
    (b"<?xml", "XML"),
    (b"<", "a web page"),
    (b"{", "JSON"),
    (b"#extm3u", "an HLS playlist"),
    (b"\x89png", "a PNG picture"),
    (b"gif8", "a GIF picture"),
    (b"riff", "a WebP picture or an AVI video"),
    (b"flv", "FLV video"),
    (b"\0\0\0\1", "bare H.264 video"),
)


class Source:
    """One connection to an HTTP camera.

    Options:
        poll_interval: seconds from one request to the next, for a camera that gives one JPEG at a time.
        timeout: seconds without an answer or a byte after which the connection counts as lost.
        verify_tls: whether an https camera's certificate must be valid; false for self-signed ones.
    """

    def __init__(self, url: str, *, poll_interval: float = 1.0, timeout: float = 10.0, verify_tls: bool = True) -> None:
        if not poll_interval > 0:
            raise ConfigError(f"poll_interval must be more than 0 seconds, not {poll_interval:g}.")
        if not timeout > 0:
            raise ConfigError(f"timeout must be more than 0 seconds, not {timeout:g}.")
        self._camera = HttpCamera(url, timeout=timeout, verify_tls=verify_tls)
        self._name = f"The camera at {self._camera.host}"
        self._poll_interval = poll_interval

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        async with self._camera.session() as session:
            due = clock.monotonic()
            while True:
                async with session.get() as answer, aclosing(self._parts(answer)) as parts:
                    count = 0
                    async for part in parts:
                        count += 1
                        if frame := _frame(part, part.headers or answer.headers, clock.now()):
                            yield frame
                if count > 1:
                    raise SourceLost(f"{self._name} has ended its stream.")
                # One picture and the end: it wants to be asked for each. A slow answer is not made up for by haste.
                due = max(due + self._poll_interval, clock.monotonic())
                await clock.sleep(due - clock.monotonic())

    async def _parts(self, answer: Answer) -> AsyncGenerator[Part]:
        """At least one picture, or an error that says what came instead."""
        reader = MultipartReader(boundary_of(answer.content_type))
        head, received, count = b"", 0, 0
        async with aclosing(answer.chunks()) as chunks:
            async for chunk in chunks:
                received += len(chunk)
                if len(head) < _HEAD:
                    head += chunk[: _HEAD - len(head)]
                for part in self._read(reader, chunk, count):
                    # Behind a single picture with an announced length, a camera may store its preview or its film.
                    if count and answer.length is not None and not part.headers:
                        continue
                    count += 1
                    yield part
                nothing = not count and not reader.within_part
                if nothing and (_known(head) or received > _MAX_PREAMBLE):
                    raise self._not_pictures(head, answer.content_type)
        if reader.within_part:
            raise SourceLost(f"{self._name} has ended in the middle of a picture.")
        if not received:
            raise SourceLost(f"{self._name} has sent an empty answer.")
        if not count:
            raise self._not_pictures(head, answer.content_type)

    def _read(self, reader: MultipartReader, chunk: bytes, count: int) -> list[Part]:
        try:
            return reader.feed(chunk)
        except MalformedInput as error:
            kind = SourceLost if count else SourceRefused
            raise kind(f"{self._name} sends something that cannot be read as JPEGs. {error}") from error

    def _not_pictures(self, head: bytes, content_type: str) -> SourceRefused:
        what = _known(head) or "something else"
        claimed = "".join(c for c in content_type[:60] if c.isprintable()) or "none"
        return SourceRefused(
            f"{self._name} sends {what} (Content-Type: {claimed}), not JPEG pictures. "
            "Use its address for MJPEG or for a JPEG snapshot."
        )


def _known(head: bytes) -> str | None:
    """What these first bytes are, if they are something well known that is not for us."""
    start = head.lstrip().lower()
    if head[4:8] == b"ftyp":
        return "MP4 video"
    return next((what for magic, what in _OTHERS if start.startswith(magic) or head.startswith(magic)), None)


def _frame(part: Part, headers: Mapping[str, str], arrived: float) -> Frame | None:
    """The picture with its time; None for what another Onlooker shows while its own camera is away."""
    if headers.get("x-state", "live") != "live":
        return None
    data = part.body if part.body.endswith(jpeg.END) else part.body + jpeg.END
    return Frame(data, _captured(headers, arrived))


def _captured(headers: Mapping[str, str], arrived: float) -> float:
    try:
        stated = float(headers["x-timestamp"])
    except (KeyError, ValueError):
        return arrived
    return stated if arrived - _OLDEST <= stated <= arrived + _NEWEST else arrived
