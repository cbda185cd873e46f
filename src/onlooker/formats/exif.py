"""What we keep of a photo's metadata: size, when, where, with what, and whether it is a panorama; no pixel is decoded.

JPEG, PNG and WebP are read from their segments and chunks, HEIC and AVIF are opened by their libraries, which know how
their parts make one picture. The pixel limit is checked against the header, before anything is asked to decode.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from PIL import AvifImagePlugin
from pillow_heif import HeifImageFile

from onlooker.errors import MalformedInput
from onlooker.formats import av1, chunks, heif, segments, tiff, whole, xmp
from onlooker.formats.chunks import Buffer
from onlooker.formats.photo import PhotoType
from onlooker.formats.place import place
from onlooker.formats.taken import taken
from onlooker.formats.whole import is_whole

__all__ = ["PhotoFacts", "TooManyPixels", "is_whole", "read"]

_MAX_DEVICE = 120
_MAX_TEXT = 1024 * 1024  # of a compressed text in a PNG
_CODINGS = {PhotoType.HEIC: (b"hvc1", b"hev1", b"lhv1"), PhotoType.AVIF: (b"av01",)}
_MAKE, _MODEL = 0x010F, 0x0110
# Pillow turns a picture by this too where EXIF does not say, and so do we.
_XMP_ORIENTATION = re.compile(rb"tiff:Orientation(?:=\"|>)([1-8])")


class TooManyPixels(MalformedInput):
    """The picture has more pixels than may be decoded."""

    def __init__(self, width: int, height: int, limit: int) -> None:
        super().__init__(
            f"This photo has {width} × {height} pixels; {limit:,} pixels in all are allowed. Send a smaller one."
        )
        self.width, self.height, self.limit = width, height, limit


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What a photo's file says about it; None where it does not, or says nonsense.

    `width` and `height` are as displayed, `orientation` (1 to 8, as in EXIF) is what is still to be done to the stored
    pixels to display them so: 1 for HEIC, whose library turns them itself. `taken` has a time zone where the photo
    says which, else it is the camera's local time. Latitude and longitude are in degrees, altitude in metres.
    """

    type: PhotoType
    width: int
    height: int
    pixels: int
    orientation: int = 1
    taken: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    device: str = ""
    panorama: bool = False
    gpano: xmp.Gpano = field(default_factory=dict)
    thumbnail: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class _Raw:
    """What a file holds: its stored size, EXIF and XMP as bytes, and the orientation if the library says it."""

    width: int
    height: int
    exif: bytes = b""
    xmp: bytes = b""
    orientation: int | None = None


def read(photo: bytes | Path, *, max_pixels: int) -> PhotoFacts:
    """The facts of a photo, which is taken for what its first bytes say.

    Damaged metadata gives fewer facts. MalformedInput if it is no photo or its header is damaged, TooManyPixels if it
    has more than `max_pixels`.
    """
    with whole.opened(photo) as (data, kind):
        if kind in _CODINGS:
            _check_items(data, kind, max_pixels)
        raw = _READERS[kind](data)
    _check_size(raw.width, raw.height, max_pixels)
    return _facts(kind, raw)


def _check_items(data: Buffer, kind: PhotoType, max_pixels: int) -> None:
    """A HEIC or AVIF is coded as its brand says, and nothing in it is too large.

    What is shown may be cut out of something far larger, which would be decoded all the same.
    """
    parsed = heif.parsed(data)
    if not any(item.kind in _CODINGS[kind] for item in parsed.items):
        raise MalformedInput(f"This file says that it is {kind.name}, but its picture is not coded as one.")
    for size in heif.sizes(data, parsed):
        _check_size(*size, max_pixels)
    if kind is PhotoType.AVIF and any(box.name == b"moov" for box in parsed.top):
        # Its library would show the film, whose pictures are not looked into here.
        raise MalformedInput("This AVIF is a moving picture, which is not taken. Send a still one.")
    for item in parsed.items:
        if item.kind == b"av01":
            for size in av1.coded_sizes(heif.content(data, item)):
                _check_size(*size, max_pixels)


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width < 1 or height < 1:
        raise MalformedInput("This photo is damaged: its picture has no size.")
    if width * height > max_pixels:
        raise TooManyPixels(width, height, max_pixels)


def _facts(kind: PhotoType, raw: _Raw) -> PhotoFacts:
    tags = tiff.tags(raw.exif)
    orientation = raw.orientation or tags.orientation or _orientation_of_xmp(raw.xmp) or 1
    sideways = orientation >= 5
    properties = xmp.gpano(raw.xmp)
    where = place(tags.gps)
    return PhotoFacts(
        type=kind,
        width=raw.height if sideways else raw.width,
        height=raw.width if sideways else raw.height,
        pixels=raw.width * raw.height,
        orientation=orientation,
        taken=taken(tags),
        latitude=where.latitude,
        longitude=where.longitude,
        altitude=where.altitude,
        device=_device(tags),
        panorama=xmp.is_panorama(properties),
        gpano=properties,
        thumbnail=tiff.thumbnail(raw.exif) if kind is PhotoType.JPEG else b"",
    )


def _orientation_of_xmp(packet: bytes) -> int | None:
    found = _XMP_ORIENTATION.search(packet)
    return int(found[1]) if found else None


def _device(tags: tiff.Tags) -> str:
    make, model = (_clean(tags.picture.get(tag)) for tag in (_MAKE, _MODEL))
    first = make.split(" ", 1)[0].lower()
    name = model if first and model.lower().startswith(first) else f"{make} {model}"
    return name.strip()[:_MAX_DEVICE].rstrip()


def _clean(value: tiff.Value | None) -> str:
    """A text without control characters and doubled spaces; empty for anything else."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in value).split())


def _jpeg(data: Buffer) -> _Raw:
    size, exif, packet = None, b"", b""
    for segment in segments.segments(data, lenient=True):
        if segment.code in segments.FRAME_HEADERS and size is None:
            if segment.end - segment.body < 5:
                break
            body = data[segment.body : segment.body + 5]
            size = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
        elif segment.code == segments.APP1 and not exif and segment.starts(data, segments.EXIF):
            exif = bytes(data[segment.body : segment.end])
        elif segment.code == segments.APP1 and not packet and segment.starts(data, segments.XMP):
            packet = bytes(data[segment.body + len(segments.XMP) : segment.end])
        elif segment.code == segments.START_OF_SCAN:
            break
    if size is None:
        raise MalformedInput("This JPEG does not say how large its picture is.")
    return _Raw(*size, exif, packet)


def _png(data: Buffer) -> _Raw:
    size, exif, packet = None, b"", b""
    for chunk in chunks.png(data):
        if size is None:
            if chunk.name != b"IHDR" or chunk.end - chunk.body != 13:
                break
            header = data[chunk.body : chunk.end]
            size = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
        elif chunk.name == b"eXIf" and not exif:
            exif = bytes(data[chunk.body : chunk.end])
        elif chunk.name == b"iTXt" and not packet:
            packet = xmp_of_text(bytes(data[chunk.body : chunk.end]))
    if size is None:
        raise MalformedInput("This PNG does not say how large its picture is.")
    return _Raw(*size, exif, packet)


def xmp_of_text(body: bytes) -> bytes:
    """The XMP packet that a PNG's iTXt chunk holds; empty if it holds another text."""
    keyword, _, rest = body.partition(b"\0")
    if keyword != b"XML:com.adobe.xmp" or len(rest) < 4:
        return b""
    text = rest[2:].split(b"\0", 2)[-1]
    if rest[0] == 0:
        return text
    try:
        return zlib.decompressobj().decompress(text, _MAX_TEXT)
    except zlib.error:
        return b""


def _webp(data: Buffer) -> _Raw:
    size, exif, packet = None, b"", b""
    for chunk in chunks.riff(data, 12, chunks.riff_end(data)):
        if size is None:
            size = _webp_size(chunk.name, bytes(data[chunk.body : min(chunk.end, chunk.body + 10)]))
        elif chunk.name == b"EXIF" and not exif:
            exif = bytes(data[chunk.body : chunk.end])
        elif chunk.name == b"XMP " and not packet:
            packet = bytes(data[chunk.body : chunk.end])
    if size is None:
        raise MalformedInput("This WebP does not say how large its picture is.")
    return _Raw(*size, exif, packet)


def _webp_size(name: bytes, head: bytes) -> tuple[int, int]:
    """The size in a WebP's first chunk. Read here, because its library sets memory aside as soon as it is opened."""
    if name == b"VP8X" and len(head) == 10:
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if name == b"VP8L" and len(head) >= 5 and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 " and len(head) == 10 and head[3:6] == b"\x9d\x01\x2a":
        return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    raise MalformedInput("This WebP does not say how large its picture is.")


def _heic(data: Buffer) -> _Raw:
    with _opening("HEIC"), HeifImageFile(io.BytesIO(data)) as image:  # type: ignore[no-untyped-call]
        return _Raw(*image.size, image.info.get("exif") or b"", image.info.get("xmp") or b"", orientation=1)


def _avif(data: Buffer) -> _Raw:
    with _opening("AVIF"), AvifImagePlugin.AvifImageFile(io.BytesIO(data)) as image:
        # Pillow does not turn an AVIF, but translates its own orientation into EXIF's.
        orientation = tiff.tags(image.info.get("exif") or b"").orientation or 1
        return _Raw(*image.size, image.info.get("exif") or b"", image.info.get("xmp") or b"", orientation)


@contextmanager
def _opening(kind: str) -> Iterator[None]:
    """Whatever a library raises at damaged bytes becomes MalformedInput: there is no end to what that may be."""
    try:
        yield
    except Exception as error:
        raise MalformedInput(f"This {kind} cannot be opened: it is damaged, or was cut off.") from error


_READERS: dict[PhotoType, Callable[[Buffer], _Raw]] = {
    PhotoType.JPEG: _jpeg,
    PhotoType.PNG: _png,
    PhotoType.WEBP: _webp,
    PhotoType.HEIC: _heic,
    PhotoType.AVIF: _avif,
}
