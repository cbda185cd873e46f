"""A JPEG's metadata, overwritten in place: see `stripping`."""

from __future__ import annotations

from collections.abc import Callable

from onlooker.errors import MalformedInput
from onlooker.formats.blanking import blank, exif_alone, xmp_alone
from onlooker.formats.segments import (
    APP0,
    APP1,
    APP2,
    APP14,
    END_OF_IMAGE,
    EXIF,
    FRAME_HEADERS,
    START_OF_SCAN,
    XMP,
    Segment,
    segments,
)

_HUFFMAN, _ARITHMETIC, _QUANTIZATION, _LINES, _RESTART = 0xC4, 0xCC, 0xDB, 0xDC, 0xDD
_JFIF, _JFIF_SIZE = b"JFIF\0", 14  # what follows the 14 bytes is a thumbnail
_ADOBE, _ADOBE_SIZE = b"Adobe", 12
_ICC, _ICC_HEAD = b"ICC_PROFILE\0", 14


def strip_jpeg(out: bytearray) -> None:
    """Overwrite what is not picture, and everything behind the picture: films, second pictures."""
    parts = list(segments(out))
    icc_left = _icc_size(out, parts)
    turned = False
    for part in parts:
        if part.code == APP1 and part.starts(out, EXIF):
            _replace(out, part, None if turned else exif_alone(bytes(out[part.body : part.end]), EXIF))
            turned = True  # the first one counts
        elif part.code == APP1 and part.starts(out, XMP):
            packet = xmp_alone(bytes(out[part.body + len(XMP) : part.end]), part.end - part.body - len(XMP))
            _replace(out, part, None if packet is None else XMP + packet)
        elif part.code == APP2 and part.starts(out, _ICC):
            kept = min(icc_left, part.end - part.body - _ICC_HEAD)
            icc_left -= kept
            blank(out, part.body + _ICC_HEAD + kept if kept > 0 else part.body, part.end)
        elif part.code == END_OF_IMAGE:
            blank(out, part.end, len(out))
        else:
            blank(out, part.body + _kept(out, part), part.end)


def _replace(out: bytearray, part: Segment, content: bytes | None) -> None:
    out[part.body : part.end] = bytes(part.end - part.body) if content is None else content


def _kept(out: bytearray, part: Segment) -> int:
    """How many bytes of this segment are picture; MalformedInput if a decoder's table is not as long as it says.

    A table of the wrong length may have swallowed metadata that stood behind it.
    """
    size = part.end - part.body
    if part.code == APP0 and part.starts(out, _JFIF):
        kept = min(size, _JFIF_SIZE)
        if kept == _JFIF_SIZE and size > kept:
            out[part.body + 12 : part.body + 14] = b"\0\0"  # a thumbnail of no size
        return kept
    if part.code == APP14 and part.starts(out, _ADOBE):
        return min(size, _ADOBE_SIZE)
    lengths = _table_lengths(bytes(out[part.body : part.end]), part.code)
    if lengths is None:
        return 0
    if size not in lengths:
        raise MalformedInput(f"This JPEG is damaged: its segment FF{part.code:02X} is not as long as what it holds.")
    return size


def _table_lengths(body: bytes, code: int) -> tuple[int, ...] | None:
    """How long the body of a segment that a decoder needs may be; None for a segment that no decoder needs."""
    if code in FRAME_HEADERS:
        return (6 + 3 * body[5],) if len(body) > 5 else ()
    if code == START_OF_SCAN:
        return (4 + 2 * body[0],) if body else ()
    if code in (_RESTART, _LINES):
        return (2,)
    if code == _ARITHMETIC:
        return (len(body) // 2 * 2,) if len(body) <= 64 else ()
    if code == _QUANTIZATION:
        return (_tables(body, lambda at: 1 + 64 * (1 + (body[at] >> 4 & 1))),)
    if code == _HUFFMAN:
        return (_tables(body, lambda at: 17 + sum(body[at + 1 : at + 17])),)
    return None


def _tables(body: bytes, size_at: Callable[[int], int]) -> int:
    """The length of as many tables, one behind the other, as the body begins."""
    at = 0
    while at < len(body):
        at += size_at(at)
    return at


def _icc_size(out: bytearray, parts: list[Segment]) -> int:
    """How long the colour profile says that it is: what stands behind that in its segments is none of it."""
    for part in parts:
        if part.code == APP2 and part.starts(out, _ICC) and part.end - part.body >= _ICC_HEAD + 4:
            return int.from_bytes(out[part.body + _ICC_HEAD : part.body + _ICC_HEAD + 4], "big")
    return 0
