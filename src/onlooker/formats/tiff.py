"""The TIFF structure inside EXIF: the few tags that we keep, read from bytes that may say anything.

Our own, because a photo's orientation and date have to come out of damaged EXIF too: a tag that cannot be read is left
out and the rest is kept, without the process-wide warnings that Pillow's reader gives. Exif 3.0, TIFF 6.0.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

EXIF_HEADER = b"Exif\0\0"
ORIENTATION = 0x0112

Rational = tuple[int, int]
Value = str | bytes | tuple[int, ...] | tuple[Rational, ...]

_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_THUMBNAIL_START, _THUMBNAIL_SIZE = 0x0201, 0x0202
_MAX_ENTRIES = 1000
_MAX_VALUE = 4096  # bytes; what we keep is far smaller
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 129: 1}
_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}
_RATIONALS = {5: "I", 10: "i"}
_TEXTS = (2, 129)


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of the picture (IFD0), of how it was taken (Exif) and of where (GPS), by number."""

    picture: Mapping[int, Value] = field(default_factory=dict)
    exif: Mapping[int, Value] = field(default_factory=dict)
    gps: Mapping[int, Value] = field(default_factory=dict)

    @property
    def orientation(self) -> int | None:
        """1 to 8, None where it is not said or is nonsense."""
        value = self.picture.get(ORIENTATION)
        if isinstance(value, tuple) and value and isinstance(value[0], int) and 1 <= value[0] <= 8:
            return value[0]
        return None


def tags(blob: bytes) -> Tags:
    """What can be read of EXIF (with or without its “Exif” header); no error, whatever the bytes are."""
    data = blob.removeprefix(EXIF_HEADER)
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return Tags()
    picture = _directory(data, order, struct.unpack_from(order + "I", data, 4)[0])
    return Tags(picture, _below(data, order, picture.get(_EXIF_IFD)), _below(data, order, picture.get(_GPS_IFD)))


def thumbnail(blob: bytes) -> bytes:
    """The small JPEG that a camera puts beside its photo (Exif 3.0, 4.5.5: in the second directory); empty if none."""
    data = blob.removeprefix(EXIF_HEADER)
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return b""
    first = int(struct.unpack_from(order + "I", data, 4)[0])
    if not 0 < first <= len(data) - 2:
        return b""
    behind = first + 2 + 12 * int(struct.unpack_from(order + "H", data, first)[0])
    if behind > len(data) - 4:
        return b""
    second = _directory(data, order, struct.unpack_from(order + "I", data, behind)[0])
    start, size = (second.get(tag) for tag in (_THUMBNAIL_START, _THUMBNAIL_SIZE))
    if not isinstance(start, tuple) or not isinstance(size, tuple):
        return b""
    found = data[slice(start[0], start[0] + size[0])] if isinstance(start[0], int) and isinstance(size[0], int) else b""
    return found if found.startswith(b"\xff\xd8\xff") else b""


def minimal(orientation: int | None) -> bytes:
    """The smallest TIFF: a directory with the orientation alone, or with nothing in it."""
    if orientation is None:
        return b"II*\0" + struct.pack("<IHI", 8, 0, 0)
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)


def _below(data: bytes, order: str, pointer: Value | None) -> dict[int, Value]:
    if isinstance(pointer, tuple) and pointer and isinstance(pointer[0], int):
        return _directory(data, order, pointer[0])
    return {}


def _directory(data: bytes, order: str, at: int) -> dict[int, Value]:
    if not 0 < at <= len(data) - 2:
        return {}
    (count,) = struct.unpack_from(order + "H", data, at)
    found: dict[int, Value] = {}
    for entry in range(at + 2, min(at + 2 + 12 * min(count, _MAX_ENTRIES), len(data) - 11), 12):
        tag, kind, length = struct.unpack_from(order + "HHI", data, entry)
        size = _SIZES.get(kind, 0) * length
        if not 0 < size <= _MAX_VALUE:
            continue
        place = entry + 8 if size <= 4 else struct.unpack_from(order + "I", data, entry + 8)[0]
        if place + size <= len(data):
            found.setdefault(tag, _value(data[place : place + size], order, kind, length))
    return found


def _value(raw: bytes, order: str, kind: int, length: int) -> Value:
    if kind in _TEXTS:
        text = raw.split(b"\0", 1)[0]
        try:
            return text.decode("utf-8")
        except UnicodeDecodeError:
            return text.decode("latin-1")
    if kind in _INTEGERS:
        return struct.unpack(f"{order}{length}{_INTEGERS[kind]}", raw)
    if kind in _RATIONALS:
        numbers = struct.unpack(f"{order}{2 * length}{_RATIONALS[kind]}", raw)
        return tuple(zip(numbers[::2], numbers[1::2], strict=True))
    return raw
