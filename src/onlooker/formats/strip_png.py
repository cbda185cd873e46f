"""A PNG's metadata, overwritten in place: see `stripping`."""

from __future__ import annotations

import zlib

from onlooker.errors import MalformedInput
from onlooker.formats.blanking import blank, exif_alone, xmp_alone
from onlooker.formats.chunks import Chunk, png
from onlooker.formats.exif import xmp_of_text

# What a decoder needs, and how many bytes it has at most: more is not of the specification.
_NEEDED = {b"IHDR": 13, b"PLTE": 768, b"IDAT": None, b"IEND": 0}
_KEPT = {
    b"acTL": 8,
    b"fcTL": 26,
    b"fdAT": None,
    b"iCCP": None,
    b"sRGB": 1,
    b"gAMA": 4,
    b"cHRM": 32,
    b"cICP": 4,
    b"mDCV": 24,
    b"cLLI": 8,
    b"pHYs": 9,
    b"tRNS": 256,
    b"bKGD": 6,
    b"sBIT": 4,
}
_BLANK = b"zpAd"  # ancillary, private, safe to copy: every reader passes over it
_XMP_HEAD = b"XML:com.adobe.xmp\0\0\0\0\0"


def strip_png(out: bytearray) -> None:
    """Overwrite what is not picture; a blank chunk takes the place of each text."""
    end = 0
    for chunk in list(png(out)):
        end = chunk.next
        body = bytes(out[chunk.body : chunk.end])
        if chunk.name in _NEEDED or chunk.name in _KEPT:
            _check(out, chunk)
            limit = _NEEDED.get(chunk.name, _KEPT.get(chunk.name))
            if limit is None or len(body) <= limit:
                continue
            if chunk.name in _NEEDED:
                raise MalformedInput(f"This PNG is damaged: its {chunk.name.decode('ascii')} chunk is too long.")
        elif not chunk.name.isalpha() or chunk.name[:1].isupper():
            raise MalformedInput("This PNG holds a chunk that is not known but said to be needed.")
        _write(out, chunk, *_instead(chunk.name, body))
    blank(out, end, len(out))


def _instead(name: bytes, body: bytes) -> tuple[bytes, bytes]:
    """The name and the body that take this chunk's place."""
    if name == b"eXIf" and (kept := exif_alone(body)):
        return name, kept
    if name == b"iTXt" and (packet := xmp_alone(xmp_of_text(body), len(body) - len(_XMP_HEAD))):
        return name, _XMP_HEAD + packet
    return _BLANK, bytes(len(body))


def _check(out: bytearray, chunk: Chunk) -> None:
    """A chunk that stays is what it says: one whose length is wrong could have swallowed the next."""
    expected = int.from_bytes(out[chunk.end : chunk.next], "big")
    if zlib.crc32(memoryview(out)[chunk.start + 4 : chunk.end]) != expected:
        raise MalformedInput(f"This PNG is damaged: the checksum of its {chunk.name.decode('ascii')} chunk is wrong.")


def _write(out: bytearray, chunk: Chunk, name: bytes, body: bytes) -> None:
    out[chunk.start + 4 : chunk.end] = name + body
    out[chunk.end : chunk.next] = zlib.crc32(name + body).to_bytes(4, "big")
