"""The segments of a whole JPEG, for those who look into them or change them in place.

`jpeg.Walk` finds the end of a picture that is still arriving; this gives every segment of one that is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from onlooker.errors import MalformedInput
from onlooker.formats.chunks import Buffer, cut_off

END_OF_IMAGE, START_OF_SCAN, APP0, APP1, APP2, APP14 = 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
EXIF = b"Exif\0\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0"

_MAX_SEGMENTS = 100_000
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_FILL = re.compile(rb"\xff{2,}")  # any number of FFs may stand before a marker
_MARKER = re.compile(rb"\xff[\xc0-\xfe]")
_STRAY = 4096  # bytes between two segments, at most
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its code (FF<code>), and its body from `body` to `end`, the length not counted in."""

    code: int
    body: int
    end: int

    def starts(self, data: Buffer, tag: bytes) -> bool:
        """Whether the body begins with `tag`."""
        return self.end - self.body >= len(tag) and data[self.body : self.body + len(tag)] == tag


def segments(data: Buffer, *, lenient: bool = False) -> Iterator[Segment]:
    """The segments in order, coded data passed over, the end of image last; MalformedInput if it is cut or damaged.

    `lenient`: a few stray bytes between segments are passed over, as every decoder does; some cameras leave them.
    """
    at, scanned = 2, False
    for _ in range(_MAX_SEGMENTS):
        if lenient and (stray := _MARKER.search(data, at, at + _STRAY)):
            at = stray.start()
        if fill := _FILL.match(data, at):
            at = fill.end() - 1
        marker = data[at : at + 2]
        if len(marker) < 2:
            raise cut_off("JPEG")
        code = marker[1]
        if marker[0] != 0xFF or (code < 0xC0 and code not in _ALONE) or code == 0xD8:
            raise MalformedInput(f"This JPEG is damaged: there is no marker at byte {at}.")
        if code == END_OF_IMAGE:
            if not scanned:
                raise MalformedInput("This JPEG ends before any picture data.")
            yield Segment(code, at + 2, at + 2)
            return
        if code in _ALONE:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if at + 4 > len(data) or at + 2 + length > len(data):
            raise cut_off("JPEG")
        if length < 2:
            raise MalformedInput(f"This JPEG is damaged: a segment of length {length} at byte {at}.")
        segment = Segment(code, at + 4, at + 2 + length)
        yield segment
        at = segment.end
        if code == START_OF_SCAN:
            scanned = True
            found = _MARKER_IN_SCAN.search(data, at)
            if found is None:
                raise cut_off("JPEG")
            at = found.start()
    raise MalformedInput("This JPEG has too many segments.")
