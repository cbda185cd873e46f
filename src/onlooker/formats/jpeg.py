"""JPEG as bytes: where one ends and how large its picture is, without decoding anything.

A JPEG (ITU-T T.81, annex B) is a row of segments: FFD8, then FF<code><length><body> each, then, after a start of scan,
coded data in which FF is followed by 00 (a stuffed byte) or D0–D7 (a restart) until the next marker; FFD9 ends it. Only
walking the segments finds that end: an APP1 segment may hold a whole thumbnail with an FFD9 of its own.
"""

from __future__ import annotations

import re

from onlooker.errors import MalformedInput

START = b"\xff\xd8\xff"  # start of image and the first byte of the marker that must follow
END = b"\xff\xd9"

_FILL = 0xFF
_START_OF_IMAGE = 0xD8
_END_OF_IMAGE = 0xD9
_START_OF_SCAN = 0xDA
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length: TEM and the restarts
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_FIRST_CODE = 0xC0  # 00 and 02–BF never stand for a segment

# The next marker in coded data, found at C speed: no loop of ours over the bytes of a picture.
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

Buffer = bytes | bytearray


class Walk:
    """Walks one JPEG that arrives in pieces, each byte looked at once.

    `on` is given the same growing buffer each time, with the JPEG at index 0. `position` is how far the walk has come,
    or, after MalformedInput, where the bytes stopped being a JPEG.
    """

    __slots__ = ("_in_scan", "_scanned", "position", "size")

    def __init__(self) -> None:
        self.position = 0
        self.size: tuple[int, int] | None = None  # (width, height), once its segment was passed
        self._in_scan = False
        self._scanned = False

    def on(self, data: Buffer) -> int | None:
        """The index after the JPEG's last byte, or None while more is needed; MalformedInput if this is no JPEG."""
        if self.position == 0:
            if len(data) < len(START):
                return None
            if not data.startswith(START):
                raise MalformedInput("These bytes are not a JPEG: they do not start with FFD8FF.")
            self.position = 2
        while True:
            if self._in_scan and not self._pass_scan(data):
                return None
            if data[self.position : self.position + 2] == END:
                if not self._scanned:
                    raise MalformedInput("This JPEG ends before any picture data.")
                self.position += 2
                return self.position
            if not self._pass_segment(data):
                return None

    def _pass_scan(self, data: Buffer) -> bool:
        """Go to the marker that ends the coded data; False while it has not arrived."""
        found = _MARKER_IN_SCAN.search(data, self.position)
        if found is None:
            # A marker may be cut in two: look at a last FF again.
            self.position = max(self.position, len(data) - 1)
            return False
        self.position = found.start()
        self._in_scan = False
        return True

    def _pass_segment(self, data: Buffer) -> bool:
        """Go behind the segment that starts here; False while its head or its body has not arrived."""
        at = self.position
        if len(data) < at + 2:
            return False
        code = data[at + 1]
        if data[at] != _FILL:
            raise MalformedInput(f"This JPEG is damaged: there is no marker at byte {at}.")
        if code == _FILL:  # any number of FFs may stand before a marker
            self.position = at + 1
            return True
        if code in _ALONE:
            self.position = at + 2
            return True
        if code < _FIRST_CODE or code == _START_OF_IMAGE:
            raise MalformedInput(f"This JPEG is damaged: marker FF{code:02X} at byte {at}.")
        if len(data) < at + 4:
            return False
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            raise MalformedInput(f"This JPEG is damaged: a segment of length {length} at byte {at}.")
        if len(data) < at + 2 + length:
            return False
        if code in _FRAME_HEADERS and self.size is None:
            self.size = _size(data[at + 4 : at + 2 + length])
        self._in_scan = code == _START_OF_SCAN
        self._scanned = self._scanned or self._in_scan
        self.position = at + 2 + length
        return True


def _size(header: Buffer) -> tuple[int, int]:
    """(width, height) of a frame header's body: precision, height, width, components."""
    height, width = int.from_bytes(header[1:3], "big"), int.from_bytes(header[3:5], "big")
    if not width or not height:
        raise MalformedInput("This JPEG is damaged: its picture has no size.")
    return width, height


def is_jpeg(data: Buffer) -> bool:
    """Whether these bytes start as a JPEG does; says nothing about the rest."""
    return data.startswith(START)


def end(data: Buffer) -> int:
    """The index after the last byte of the JPEG that starts `data`; MalformedInput if it is damaged or cut short."""
    found = Walk().on(data)
    if found is None:
        raise MalformedInput("This JPEG is cut short.")
    return found


def dimensions(data: Buffer) -> tuple[int, int]:
    """(width, height) in pixels as coded (EXIF may ask to turn it); MalformedInput if the size cannot be found.

    The size stands before the coded data, so a JPEG that is cut later is good enough.
    """
    walk = Walk()
    walk.on(data)
    if walk.size is None:
        raise MalformedInput("This JPEG does not say how large its picture is.")
    return walk.size
