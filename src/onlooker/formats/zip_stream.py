"""A ZIP archive written front to back, its files stored as they are, whose length is known before the first byte.

APPNOTE.TXT 6.3.10. Every file's CRC-32 is known before its bytes are written, so there are no data descriptors, which
some programs that unpack while they receive do not understand. ZIP64 only where a number does not fit.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

_FILE, _LISTED, _END, _END64, _WHERE64 = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7"
_UTF8_NAME = 0x0800
_STORED = 0
_PLAIN, _ZIP64 = 20, 45  # the version that is needed to unpack: 2.0, 4.5
_MADE_BY = 3 << 8 | _ZIP64  # Unix: gives the files its permissions
_READABLE = 0o100644 << 16
_MOST_16, _MOST_32 = 0xFFFF, 0xFFFFFFFF
_WHEN, _LARGE = 0x5455, 0x0001  # ids of extra fields: a time in UTC, numbers of 64 bits


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to pack. `shown` is what a clock on the wall said, to the second; `modified` seconds since 1970, UTC."""

    name: str
    size: int
    shown: datetime
    modified: int


class ZipStream:
    """Gives the bytes around the files: for each `begin`, then its bytes, in the end `end`. Values in, bytes out."""

    def __init__(self) -> None:
        self._listed: list[bytes] = []
        self._offset = 0

    def begin(self, entry: Entry, crc: int) -> bytes:
        """What stands before the bytes of the file."""
        header = _header(entry, crc)
        self._listed.append(_listing(entry, crc, self._offset))
        self._offset += len(header) + entry.size
        return header

    def end(self) -> bytes:
        """What stands behind the last file."""
        listing = b"".join(self._listed)
        return listing + _ending(len(self._listed), len(listing), self._offset)


def length(entries: Iterable[Entry]) -> int:
    """How many bytes the archive of these files has."""
    offset = listed = count = 0
    for entry in entries:
        listed += len(_listing(entry, 0, offset))
        offset += len(_header(entry, 0)) + entry.size
        count += 1
    return offset + listed + len(_ending(count, listed, offset))


def _header(entry: Entry, crc: int) -> bytes:
    name, large = entry.name.encode(), entry.size >= _MOST_32
    extra = _extra(struct.pack("<QQ", entry.size, entry.size) if large else b"", entry)
    size = _MOST_32 if large else entry.size
    fixed = struct.pack(
        "<4sHHHIIIIHH",
        _FILE,
        _ZIP64 if large else _PLAIN,
        _UTF8_NAME,
        _STORED,
        _dos(entry.shown),
        crc,
        size,
        size,
        len(name),
        len(extra),
    )
    return fixed + name + extra


def _listing(entry: Entry, crc: int, offset: int) -> bytes:
    name, large, far = entry.name.encode(), entry.size >= _MOST_32, offset >= _MOST_32
    numbers = struct.pack("<QQ", entry.size, entry.size) if large else b""
    numbers += struct.pack("<Q", offset) if far else b""
    extra = _extra(numbers, entry)
    size = _MOST_32 if large else entry.size
    fixed = struct.pack(
        "<4sHHHHIIIIHHHHHII",
        _LISTED,
        _MADE_BY,
        _ZIP64 if numbers else _PLAIN,
        _UTF8_NAME,
        _STORED,
        _dos(entry.shown),
        crc,
        size,
        size,
        len(name),
        len(extra),
        0,  # no comment
        0,  # on this disk
        0,
        _READABLE,
        _MOST_32 if far else offset,
    )
    return fixed + name + extra


def _ending(count: int, listed: int, offset: int) -> bytes:
    large = b""
    if count >= _MOST_16 or listed >= _MOST_32 or offset >= _MOST_32:
        large = struct.pack("<4sQHHIIQQQQ", _END64, 44, _MADE_BY, _ZIP64, 0, 0, count, count, listed, offset)
        large += struct.pack("<4sIQI", _WHERE64, 0, offset + listed, 1)
    few = min(count, _MOST_16)
    return large + struct.pack("<4sHHHHIIH", _END, 0, 0, few, few, min(listed, _MOST_32), min(offset, _MOST_32), 0)


def _extra(numbers: bytes, entry: Entry) -> bytes:
    fields = struct.pack("<HH", _LARGE, len(numbers)) + numbers if numbers else b""
    if 0 <= entry.modified < 1 << 31:
        fields += struct.pack("<HHBi", _WHEN, 5, 1, entry.modified)
    return fields


def _dos(moment: datetime) -> int:
    """Date and time as DOS had them: from 1980 to 2107, every other second."""
    if not 1980 <= moment.year <= 2107:
        return 1 << 21 | 1 << 16  # 1980-01-01
    date = (moment.year - 1980) << 9 | moment.month << 5 | moment.day
    return date << 16 | moment.hour << 11 | moment.minute << 5 | moment.second // 2
