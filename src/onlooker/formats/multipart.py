"""multipart/x-mixed-replace, the wire of live JPEG: a writer for our viewers and a reader for everybody's cameras.

Cameras agree on little here: boundaries with dashes too many or too few, or none announced; padded, wrong or missing
lengths; LF for CRLF. So the reader does not lean on the boundary. A part is the JPEG itself, found by its start, taken
by its Content-Length where that holds and by walking its segments where it does not; its headers are the last lines
before it. The delimiter only tells where a picture that was cut stops.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from onlooker.errors import MalformedInput
from onlooker.formats import jpeg

CONTENT_TYPE = "multipart/x-mixed-replace;boundary=frame"
PREAMBLE = b"--frame\r\n"
"""Written once at the start of a stream; every part then ends with the next one's delimiter."""

MAX_PART = 32 * 1024 * 1024

_MAX_HEADERS = 8 * 1024
_MAX_BROKEN = 1000  # each costs some microseconds, however few bytes it takes to send one
_MIN_DELIMITER = 6  # shorter ones could stand in a picture by chance
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*(.*?)[ \t]*")
_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"([^"]*)"|([^;]*))', re.IGNORECASE)


def part(data: bytes, *, camera: str, captured: float, sequence: int, state: str) -> bytes:
    """The wire bytes of one frame: headers, JPEG, and the delimiter of the part to come.

    A browser shows a picture only when the next delimiter has arrived, so that goes out together with the picture.
    """
    head = (
        f"Content-Type: image/jpeg\r\nContent-Length: {len(data)}\r\nX-Camera: {camera}\r\n"
        f"X-Timestamp: {captured:.6f}\r\nX-Sequence: {sequence}\r\nX-State: {state}\r\n\r\n"
    )
    return b"".join((head.encode("ascii"), data, b"\r\n--frame\r\n"))


def boundary_of(content_type: str) -> bytes | None:
    """The boundary that a Content-Type header announces, as it stands there; None if there is none."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        return None
    value = (found[1] if found[1] is not None else found[2]).strip()
    return value.encode("latin-1", "replace") or None


@dataclass(frozen=True, slots=True)
class Part:
    """One picture of a stream: its headers by lower-case name, and a JPEG.

    The body ends with FFD9, unless the camera leaves that out of every picture (its length and delimiter then agree).
    """

    headers: dict[str, str]
    body: bytes


class MultipartReader:
    """Takes JPEGs out of a stream of bytes; `feed` may be given any split of it.

    `boundary` is what the Content-Type header announced, if anything. Time is linear in the bytes fed, memory is
    bounded by `max_part`: a picture, or garbage between two, that is longer raises MalformedInput.
    """

    def __init__(self, boundary: bytes | None, *, max_part: int = MAX_PART) -> None:
        self._delimiter = _delimiter(boundary or b"")
        self._delimiter_met = False  # what was announced may be wrong; the first delimiter line is not
        self._max_part = max_part
        self._buffer = bytearray()
        self._no_start = 0  # no picture starts in so many bytes of the buffer, and
        self._no_delimiter = 0  # no delimiter in so many: neither is searched twice
        self._skipped = 0  # bytes of garbage, and
        self._broken = 0  # pictures given up, since the last good one
        self._walk: jpeg.Walk | None = None  # None: looking for the start of a picture
        self._headers: dict[str, str] = {}
        self._length: int | None = None
        self._lengths_hold = True
        self._failed: MalformedInput | None = None

    @property
    def within_part(self) -> bool:
        """Whether a picture has begun and its end has not come yet."""
        return self._walk is not None

    def feed(self, data: bytes) -> list[Part]:
        """The pictures that these bytes complete, in order.

        Pictures that came whole before malformed bytes are handed out first; the error then comes with the next call.
        """
        if self._failed is not None:
            raise self._failed
        self._buffer += data
        parts: list[Part] = []
        try:
            while self._walk is not None or self._find_start():
                if self._walk is not None and not self._find_end(self._walk, parts):
                    break
        except MalformedInput as error:
            self._failed = error
            self._buffer.clear()
            if not parts:
                raise
        return parts

    def _find_start(self) -> bool:
        """Come to the first byte of a picture, its headers read; False while there is none."""
        buffer = self._buffer
        at = buffer.find(jpeg.START, self._no_start)
        if at < 0:
            self._no_start = max(self._no_start, len(buffer) - len(jpeg.START) + 1)
            self._drop(len(buffer) - _MAX_HEADERS)
            if self._skipped + len(buffer) > self._max_part:
                raise MalformedInput(f"No picture within {self._max_part} bytes of the stream.")
            return False
        self._read_headers(bytes(buffer[max(0, at - _MAX_HEADERS) : at]))
        self._drop(at)
        self._walk = jpeg.Walk()
        return True

    def _read_headers(self, before: bytes) -> None:
        self._headers = {}
        self._length = None
        if not before.endswith(b"\n"):
            return
        before = before.rstrip(b"\r\n")
        blank = max(before.rfind(b"\n\r\n"), before.rfind(b"\n\n"), 0)
        for line in before[blank:].split(b"\n"):
            line = line.rstrip(b"\r")
            if line.startswith(b"--"):
                self._headers = {}
                self._meet_delimiter(line)
            elif found := _HEADER.fullmatch(line):
                self._headers[found[1].decode("ascii").lower()] = found[2].decode("latin-1")
        length = self._headers.get("content-length", "")
        if length.isdecimal() and len(length) < 12:
            self._length = int(length)

    def _meet_delimiter(self, line: bytes) -> None:
        if self._delimiter_met:
            return
        self._delimiter_met = True
        if self._delimiter is None or self._delimiter not in line:
            self._delimiter = _delimiter(line)
            self._no_delimiter = 0

    def _find_end(self, walk: jpeg.Walk, parts: list[Part]) -> bool:
        """Take the picture at the start of the buffer; False while it is not complete."""
        buffer, length = self._buffer, self._length
        if self._lengths_hold and length is not None and 4 <= length <= self._max_part:
            if len(buffer) < length:
                self._lengths_hold = self._find_delimiter(len(buffer)) < 0
                return not self._lengths_hold
            if buffer.startswith(jpeg.END, length - 2):
                self._take(length, parts)
                return True
        try:
            end = walk.on(buffer)
        except MalformedInput:
            if not self._cut_at_delimiter(walk, None, parts):
                self._resume(walk.position)
            return True
        if self._cut_at_delimiter(walk, end, parts):
            return True
        if end is not None and end <= self._max_part:
            self._lengths_hold = self._lengths_hold and length in (None, end)
            self._take(end, parts)
            return True
        if len(buffer) > self._max_part:
            raise MalformedInput(f"A picture of more than {self._max_part} bytes.")
        return False

    def _cut_at_delimiter(self, walk: jpeg.Walk, end: int | None, parts: list[Part]) -> bool:
        """Whether a delimiter stands before the picture's end: it was cut there, and is given up.

        It is kept where its length says that it ends right there, in its coded data: some cameras never write FFD9.
        """
        at = self._find_delimiter(len(self._buffer) if end is None else end)
        if at < 0:
            return False
        length = self._length
        ends_there = length is not None and 4 <= length <= at and not self._buffer[length:at].strip(b"\r\n-")
        if length is not None and ends_there and walk.position >= at:
            self._take(length, parts)
        else:
            self._resume(at)
        return True

    def _find_delimiter(self, end: int) -> int:
        """Where a delimiter stands in the buffer before `end`, or -1."""
        if self._delimiter is None:
            return -1
        at = self._buffer.find(self._delimiter, self._no_delimiter, end)
        if at < 0:
            self._no_delimiter = max(self._no_delimiter, end - len(self._delimiter) + 1)
        return at

    def _take(self, end: int, parts: list[Part]) -> None:
        with memoryview(self._buffer) as view, view[:end] as body:
            parts.append(Part(self._headers, bytes(body)))
        self._drop(end)
        self._walk, self._skipped, self._broken = None, 0, 0

    def _resume(self, at: int) -> None:
        """Give this picture up and look for the next one from `at` on; what stands before may hold its headers."""
        self._broken += 1
        if self._broken > _MAX_BROKEN:
            raise MalformedInput(f"{_MAX_BROKEN} broken pictures and no whole one.")
        self._walk, self._no_start = None, at
        self._drop(at - _MAX_HEADERS)

    def _drop(self, count: int) -> None:
        if count > 0:
            del self._buffer[:count]
            self._no_start = max(0, self._no_start - count)
            self._no_delimiter = max(0, self._no_delimiter - count)
            self._skipped += count


def _delimiter(boundary: bytes) -> bytes | None:
    """What surely stands in each delimiter line, however many dashes a camera puts before its boundary."""
    name = boundary.strip().strip(b'"').lstrip(b"-")
    return b"--" + name if name and len(name) + 2 >= _MIN_DELIMITER else None
