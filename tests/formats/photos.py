"""Small photos of each kind with something in every place where metadata can stand, made by real encoders."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from onlooker.formats.photo import PhotoType

pillow_heif.register_heif_opener()

REAL = Path(".peers/node_modules")
SECRET = "PLANTED-SECRET"
"""What no stripped photo may hold, in any encoding."""

GPANO = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" GPano:ProjectionType="equirectangular" '
    f'GPano:FullPanoWidthPixels="5376" GPano:StitchingSoftware="{SECRET}" dc:creator="{SECRET}">'
    "<GPano:PoseHeadingDegrees>271.5</GPano:PoseHeadingDegrees></rdf:Description></rdf:RDF></x:xmpmeta>"
).encode()


def pixels(width: int = 64, height: int = 48) -> Image.Image:
    """A picture that is different at each corner, so that a turn shows."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [255 * x / width, 255 * y / height, 255 * (x + y) / (width + height)]
    return Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8))


def exif(orientation: int | None = 6, *, extra: dict[int, Any] | None = None) -> Image.Exif:
    """EXIF as a phone writes it, a secret in each text."""
    made = Image.Exif()
    if orientation is not None:
        made[0x0112] = orientation
    made[0x010F], made[0x0110], made[0x0131], made[0x013B] = "Apple", f"iPhone {SECRET}", SECRET, SECRET
    made[0x0132] = "2026:11:21 14:03:09"
    made.get_ifd(0x8769).update(
        {0x9003: "2026:11:21 14:03:02", 0x9291: "25", 0x9011: "+01:00", 0xA431: SECRET, 0x9286: SECRET.encode()}
    )
    made.get_ifd(0x8825).update(
        {1: "N", 2: (47.0, 22.0, 30.0), 3: "E", 4: (8.0, 32.0, 6.0), 5: b"\0", 6: 408.5, 29: "2026:11:21"}
    )
    for tag, value in (extra or {}).items():
        made[tag] = value
    return made


@cache
def photo(kind: PhotoType, *, orientation: int | None = 6, xmp: bytes = GPANO, alpha: bool = False) -> bytes:
    """A photo of this kind as an encoder with all its options writes it."""
    image = pixels()
    if alpha:
        image.putalpha(128)
    out = io.BytesIO()
    metadata = exif(orientation).tobytes()
    if kind is PhotoType.JPEG:
        image.save(out, "JPEG", exif=metadata, xmp=xmp, comment=SECRET, icc_profile=srgb())
        return jpeg_extras(out.getvalue())
    if kind is PhotoType.PNG:
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Author", SECRET)
        texts.add_text("Comment", SECRET, zip=True)
        texts.add_itxt("Title", SECRET)
        texts.add_itxt("XML:com.adobe.xmp", xmp.decode())
        texts.add(b"tIME", bytes((7, 234, 11, 21, 14, 3, 2)))
        texts.add(b"prVt", SECRET.encode())
        image.save(out, "PNG", exif=metadata, pnginfo=texts, icc_profile=srgb())
        return out.getvalue() + SECRET.encode()
    if kind is PhotoType.WEBP:
        image.save(out, "WEBP", exif=metadata, xmp=xmp, icc_profile=srgb(), lossless=alpha)
        return webp_extras(out.getvalue())
    if kind is PhotoType.HEIC:
        image.save(out, "HEIF", exif=metadata, xmp=xmp)
    else:
        image.save(out, "AVIF", exif=metadata, xmp=xmp)
    return out.getvalue() + box(b"mpvd", SECRET.encode()) + box(b"uuid", SECRET.encode() * 3)


KINDS = tuple(PhotoType)


def jpeg_extras(data: bytes) -> bytes:
    """More segments with secrets, and a film behind the end, as motion photos have it."""
    secret = SECRET.encode()
    extra = b"".join(
        b"\xff" + bytes((code,)) + (len(body) + 2).to_bytes(2, "big") + body
        for code, body in (
            (0xE1, b"http://ns.adobe.com/xmp/extension/\0" + secret),
            (0xE2, b"MPF\0" + secret),
            (0xE5, secret),
            (0xED, b"Photoshop 3.0\x008BIM" + secret),
            (0xFE, secret),
        )
    )
    return data[:2] + extra + data[2:] + box(b"ftyp", b"mp42") + box(b"moov", secret)


def webp_extras(data: bytes) -> bytes:
    """An unknown chunk with a secret, and more of it behind the end."""
    body = data[8:] + b"abcd" + struct.pack("<I", len(SECRET)) + SECRET.encode()
    return b"RIFF" + struct.pack("<I", len(body)) + body + SECRET.encode()


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@cache
def srgb() -> bytes:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def real(name: str) -> bytes:
    """A photo that a real camera took, from the packages that scripts/install-peers.sh fetches."""
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{path} is not there: run scripts/install-peers.sh")
    return path.read_bytes()
