"""A WebP's metadata, overwritten in place: see `stripping`."""

from __future__ import annotations

from onlooker.errors import MalformedInput
from onlooker.formats.blanking import blank, exif_alone, xmp_alone
from onlooker.formats.chunks import Chunk, riff, riff_end

_KEPT = {b"VP8X": 10, b"VP8 ": None, b"VP8L": None, b"ALPH": None, b"ICCP": None, b"ANIM": 6}
_KEPT_OF_FRAME = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
_FRAME_HEAD = 16
_BLANK = b"JUNK"  # readers pass over chunks that they do not know
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04
_FLAGS = {b"EXIF": _EXIF_FLAG, b"XMP ": _XMP_FLAG}


def strip_webp(out: bytearray) -> None:
    """Overwrite what is not picture, and correct what the header says about it."""
    end = riff_end(out)
    found = list(riff(out, 12, end))
    if not found or found[0].name not in (b"VP8X", b"VP8 ", b"VP8L"):
        raise MalformedInput("This WebP is damaged: it does not begin with its picture.")
    met = remaining = 0
    for chunk in found:
        met |= _FLAGS.get(chunk.name, 0)
        if chunk.name == b"ANMF":
            _strip_frame(out, chunk)
        elif chunk.name in _KEPT:
            _check(chunk)
        else:
            remaining |= _strip_chunk(out, chunk)
        blank(out, chunk.end, chunk.next)
    blank(out, end, len(out))
    if found[0].name == b"VP8X":
        _correct_flags(out, found[0].body, met, remaining)


def _strip_chunk(out: bytearray, chunk: Chunk) -> int:
    """Overwrite a chunk; the flag of what is still in it."""
    body = bytes(out[chunk.body : chunk.end])
    content = None
    if chunk.name == b"EXIF":
        content = exif_alone(body, b"Exif\0\0" if body.startswith(b"Exif\0\0") else b"")
    elif chunk.name == b"XMP ":
        content = xmp_alone(body, len(body))
    if content is None:
        out[chunk.start : chunk.start + 4] = _BLANK
        blank(out, chunk.body, chunk.end)
        return 0
    out[chunk.body : chunk.end] = content
    return _FLAGS[chunk.name]


def _strip_frame(out: bytearray, frame: Chunk) -> None:
    start = frame.body + _FRAME_HEAD
    if start > frame.end:
        raise MalformedInput("This WebP is damaged: a picture of its animation is cut off.")
    for chunk in list(riff(out, start, frame.end)):
        if chunk.name not in _KEPT_OF_FRAME:
            _strip_chunk(out, Chunk(_BLANK, chunk.start, chunk.body, chunk.end, chunk.next))


def _check(chunk: Chunk) -> None:
    size = _KEPT[chunk.name]
    if size is not None and chunk.end - chunk.body != size:
        raise MalformedInput(f"This WebP is damaged: its {chunk.name.decode('ascii')} chunk has a wrong length.")


def _correct_flags(out: bytearray, at: int, met: int, remaining: int) -> None:
    """The header says which metadata there is. What it names and nobody met may hide in another chunk: refuse."""
    if out[at] & (_EXIF_FLAG | _XMP_FLAG) & ~met:
        raise MalformedInput("This WebP is damaged: its header names metadata that is not there.")
    out[at] = out[at] & ~(_EXIF_FLAG | _XMP_FLAG) | remaining
    blank(out, at + 1, at + 4)
