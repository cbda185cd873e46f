"""Overwriting metadata in place: with nothing, with a minimal EXIF, or with the GPano of an XMP packet."""

from __future__ import annotations

from onlooker.formats import tiff, xmp


def blank(out: bytearray, start: int, end: int) -> None:
    """Zeros from `start` to `end`."""
    out[start:end] = bytes(end - start)


def exif_alone(old: bytes, header: bytes = b"") -> bytes | None:
    """EXIF of the same length with the old one's orientation and nothing else; None if there is none, or no room.

    `header` stands before it in both.
    """
    orientation = tiff.tags(old.removeprefix(header)).orientation
    if orientation is None:
        return None
    return padded(header + tiff.minimal(orientation), len(old), b"\0")


def xmp_alone(old: bytes, room: int) -> bytes | None:
    """A packet of `room` bytes with the old one's GPano and nothing else; None if there is none, or no room."""
    properties = xmp.gpano(old)
    return padded(xmp.packet(properties), room, b" ") if properties else None


def padded(content: bytes, length: int, filler: bytes) -> bytes | None:
    """The content, filled up to a length; None if it is longer."""
    return content + filler * (length - len(content)) if len(content) <= length else None
